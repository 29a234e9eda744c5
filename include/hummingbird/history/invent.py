"""The whole history, in the order in which it happened: agendas are played, their events merged by time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid
from hummingbird.history.agenda import Agenda, Cut, Push, agendas
from hummingbird.history.firm import PROJECT, components
from hummingbird.history.lane import Lane
from hummingbird.history.observing import Unseen
from hummingbird.history.told import Moment
from hummingbird.history.working_time import WorkingTime
from hummingbird.history.world import World

_ROUTINE = -1
"""Place of nights and mornings in the queue: before what people do at the same moment."""


@dataclass(frozen=True)
class Wish:
    """What history is asked for: the same wish is the same history."""

    seed: int
    cycles: int
    components: int
    days: list[date]
    """Trading days, in order."""

    @property
    def begin_of_last_day(self) -> datetime:
        """Midnight in Shanghai."""
        return WorkingTime(self.days).at(self.days[-1], 0.0)

    @property
    def maker(self) -> str:
        """How every event of it names what made it."""
        return f"generated with seed {self.seed}"


def invent(wish: Wish, catalogue: Catalogue) -> Iterator[Moment]:
    """Every event, oldest first; Invalid when the wish cannot be had."""
    if any(component.jira_project == PROJECT for component in catalogue.components.values()):
        raise Invalid(
            f"a component of the catalogue has the tracker project {PROJECT}, which is for inventions"
        )
    office = WorkingTime(wish.days)
    made = components(wish.seed, wish.components)
    begin = office.at(wish.days[0], 0.0)
    lanes = {one.name: Lane(one, begin) for one in made}
    world = World(wish.seed, wish.maker, catalogue, office, lanes, Unseen(wish.seed))
    end = office.at(wish.days[-1], 24.0)
    for moment in _merged(_played(world, agendas(wish.seed, wish.cycles, made, office))):
        if moment.at >= end:
            raise Invalid(
                f"the days are too few: something would happen at {moment.at:%Y-%m-%d %H:%M} UTC; "
                "ask for more --days or fewer --cycles"
            )
        yield moment


def _played(world: World, all_of_it: list[Agenda]) -> Iterator[tuple[datetime, list[Moment]]]:
    """Deliveries, nights and mornings by their beginnings: when each began, and its events."""
    routine = list(world.routine())
    waiting = [(agenda.items[0].at, place, 0) for place, agenda in enumerate(all_of_it) if agenda.items]
    waiting.append((routine[0][0], _ROUTINE, 0))
    heapq.heapify(waiting)
    while waiting:
        at, place, number = heapq.heappop(waiting)
        if place == _ROUTINE:
            yield at, world.rest(at, is_night=routine[number][1])
            if number + 1 < len(routine):
                heapq.heappush(waiting, (routine[number + 1][0], _ROUTINE, number + 1))
            continue
        items = all_of_it[place].items
        lanes = _lanes(world, all_of_it[place], items[number])
        began = _beginning(world, lanes, items[number], at)
        if began > at:
            heapq.heappush(waiting, (began, place, number))
            continue
        yield at, world.play(items[number], lanes, at)
        if number + 1 < len(items):
            heapq.heappush(waiting, (max(items[number + 1].at, at), place, number + 1))


def _lanes(world: World, agenda: Agenda, item: Push | Cut) -> list[Lane]:
    partner = item.partner if isinstance(item, Cut) else None
    return [world.lanes[name] for name in (agenda.made.name, partner) if name is not None]


def _beginning(world: World, lanes: list[Lane], item: Push | Cut, at: datetime) -> datetime:
    """When it can begin: when its lanes are free; what was put off begins in office hours."""
    free = max(at, *(lane.free_at for lane in lanes))
    return free if free == item.at else world.office.in_office(free)


def _merged(played: Iterator[tuple[datetime, list[Moment]]]) -> Iterator[Moment]:
    """Events by time, while later deliveries are still to be played; equal times keep their order."""
    held: list[tuple[datetime, int, Moment]] = []
    order = count()
    for began, moments in played:
        while held and held[0][0] < began:
            yield heapq.heappop(held)[2]
        for moment in moments:
            heapq.heappush(held, (moment.at, next(order), moment))
    while held:
        yield heapq.heappop(held)[2]

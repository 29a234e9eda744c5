"""The whole history, in the order in which it happened: agendas are played, their events merged by time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid
from hummingbird.core.gitflow import BranchKind
from hummingbird.history.agenda import Agenda, Cut, Push, agendas
from hummingbird.history.chance import Chance
from hummingbird.history.delivery import Delivery
from hummingbird.history.fates import Fate
from hummingbird.history.firm import PROJECT, components, holders
from hummingbird.history.lane import Lane, Stories
from hummingbird.history.pushes import develop
from hummingbird.history.releases import Release
from hummingbird.history.runs import Door
from hummingbird.history.told import Moment, Told
from hummingbird.history.working_time import WorkingTime


@dataclass(frozen=True)
class Wish:
    """What history is asked for: the same wish is the same history."""

    seed: int
    cycles: int
    components: int
    days: list[date]
    """Trading days, in order."""

    @property
    def maker(self) -> str:
        """How every event of it names what made it."""
        return f"generated with seed {self.seed}"


@dataclass
class _World:
    wish: Wish
    catalogue: Catalogue
    office: WorkingTime
    lanes: dict[str, Lane]
    stories: Stories = field(default_factory=Stories)
    serial: count[int] = field(default_factory=count)


def invent(wish: Wish, catalogue: Catalogue) -> Iterator[Moment]:
    """Every event, oldest first; Invalid when the wish cannot be had."""
    if any(component.jira_project == PROJECT for component in catalogue.components.values()):
        raise Invalid(
            f"a component of the catalogue has the tracker project {PROJECT}, which is for inventions"
        )
    office = WorkingTime(wish.days)
    made = components(wish.seed, wish.components)
    begin = office.at(wish.days[0], 0.0)
    world = _World(wish, catalogue, office, {one.name: Lane(one, begin) for one in made})
    end = office.at(wish.days[-1], 24.0)
    for moment in _merged(_played(world, agendas(wish.seed, wish.cycles, made, office))):
        if moment.at >= end:
            raise Invalid(
                f"the days are too few: something would happen at {moment.at:%Y-%m-%d %H:%M} UTC; "
                "ask for more --days or fewer --cycles"
            )
        yield moment


def _played(world: _World, all_of_it: list[Agenda]) -> Iterator[tuple[datetime, list[Moment]]]:
    """Deliveries by their beginnings: when each began, and its events."""
    waiting = [(agenda.items[0].at, place, 0) for place, agenda in enumerate(all_of_it) if agenda.items]
    heapq.heapify(waiting)
    while waiting:
        at, place, number = heapq.heappop(waiting)
        agenda = all_of_it[place]
        item = agenda.items[number]
        lanes = [world.lanes[agenda.made.name]]
        if isinstance(item, Cut) and item.partner is not None:
            lanes.append(world.lanes[item.partner])
        free = max(lane.free_at for lane in lanes)
        if free > at:
            heapq.heappush(waiting, (free, place, number))
            continue
        began = at if at == item.at else world.office.in_office(at)
        if began > at:
            heapq.heappush(waiting, (began, place, number))
            continue
        yield at, _play(world, item, lanes, at)
        if number + 1 < len(agenda.items):
            following = max(agenda.items[number + 1].at, at)
            heapq.heappush(waiting, (following, place, number + 1))


def _play(world: _World, item: Push | Cut, lanes: list[Lane], at: datetime) -> list[Moment]:
    number = next(world.serial)
    told = Told(world.wish.maker)
    chance = Chance(world.wish.seed, f"delivery/{number}")
    way = Delivery(told, Door(told, world.catalogue.policy_version), chance, world.office, world.catalogue)
    done = at
    if isinstance(item, Push):
        done = develop(way, lanes[0], world.stories, at)
    else:
        done = _release(way, world, lanes, item, at)
    for lane in lanes:
        lane.free_at = done + timedelta(seconds=1)
    return told.moments


def _release(way: Delivery, world: _World, lanes: list[Lane], item: Cut, at: datetime) -> datetime:
    lead = lanes[0].under_way[-1].story if lanes[0].under_way else world.stories.new(way.chance)
    changes = {lane.name: lane.under_way for lane in lanes}
    for lane in lanes:
        lane.under_way = []
    versions = {lane.name: lane.next_version(hotfix=False) for lane in lanes}
    release = Release(
        way,
        lanes,
        world.stories,
        BranchKind.RELEASE,
        changes,
        versions,
        {},
        lead,
        way.chance.one_of(holders("release_manager")),
    )
    ready = release.cut(at)
    if item.fate is not Fate.AWAITS_TEST and way.chance.happens(0.5):
        ready = world.office.after_work(ready, way.chance.around(3600.0, 0.8))
    return release.play(item.fate, ready + timedelta(minutes=4))


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

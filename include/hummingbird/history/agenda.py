"""What happens when, before it is told: pushes and releases, exactly as many cycles as asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hummingbird.core.errors import Invalid
from hummingbird.history.chance import Chance
from hummingbird.history.fates import CYCLES, TROUBLE, Fate
from hummingbird.history.firm import Made
from hummingbird.history.working_time import WorkingTime

_TWO_COMPONENTS = 0.1
_TOGETHER = (Fate.SMOOTH, Fate.SUITE_RED, Fate.REJECTED, Fate.CLOUD_GONE)
"""What a release of two components may meet."""
_PAUSE_DAYS = 30
"""Trading days in which a pausing component does nothing."""
_LAST_DAYS = 10
"""Trading days in which nothing new is begun, so that all is over in time."""
_WAITING = 6
"""Releases that people are still asked about when the history ends, at most."""


@dataclass(frozen=True)
class Push:
    """A push to develop: one cycle."""

    at: datetime


@dataclass(frozen=True)
class Cut:
    """A release is cut: as many cycles as its fate takes."""

    at: datetime
    fate: Fate
    partner: str | None = None
    """Another component that the same story touches."""


@dataclass
class Agenda:
    """One component's items, in order."""

    made: Made
    items: list[Push | Cut] = field(default_factory=list)


def agendas(seed: int, cycles: int, made: list[Made], office: WorkingTime) -> list[Agenda]:
    """Everybody's agenda; the cycles add up to exactly as many as asked. Invalid when there are too few."""
    if cycles < 3 * len(made):
        raise Invalid(f"--cycles: at least 3 for each of {len(made)} components, not {cycles}")
    shares = _shares(cycles, made)
    names = [one.name for one in made]
    waiting = {one.name for one in sorted(made, key=lambda one: -shares[one.name])[:_WAITING]}
    return [_agenda(seed, one, shares[one.name], names, office, one.name in waiting) for one in made]


def _shares(cycles: int, made: list[Made]) -> dict[str, int]:
    """Cycles by weight, three at least; what rounding leaves goes to the heaviest."""
    total = sum(one.weight for one in made)
    shares = {one.name: max(3, int(cycles * one.weight / total)) for one in made}
    heaviest = sorted(made, key=lambda one: (-one.weight, one.name))
    place = 0
    while (left := cycles - sum(shares.values())) != 0:
        name = heaviest[place % len(heaviest)].name
        shares[name] += 1 if left > 0 else -1 if shares[name] > 3 else 0
        place += 1
    return shares


def _agenda(
    seed: int, made: Made, cycles: int, names: list[str], office: WorkingTime, waiting: bool
) -> Agenda:
    chance = Chance(seed, f"agenda/{made.name}")
    plan: list[Fate | None] = []
    """None is a push to develop."""
    last = Fate.AWAITS_TEST if chance.happens(0.5) else Fate.AWAITS_PROD
    left = cycles - (CYCLES[last] + 1 if waiting else 0)
    first = True
    while left > 0:
        fate = _fate(chance, made, first=first)
        pushes = chance.whole(*made.rhythm.pushes)
        if pushes + CYCLES[fate] > left:
            fate, pushes = Fate.SMOOTH, max(1, min(pushes, left - CYCLES[Fate.SMOOTH]))
        if pushes + CYCLES[fate] > left:
            plan += [None] * left
            break
        plan += [*[None] * pushes, fate]
        left -= pushes + CYCLES[fate]
        first = False
    agenda = Agenda(made, _timed(chance, made, plan, names, office))
    if waiting:
        day = office.days[-1 if last is Fate.AWAITS_TEST else -2]  # production is asked for a day later
        agenda.items += [Push(office.at(day, 9.1)), Cut(office.at(day, chance.between(10.4, 11.4)), last)]
    return agenda


def _fate(chance: Chance, made: Made, *, first: bool) -> Fate:
    if first or not chance.happens(made.rhythm.trouble):
        return Fate.SMOOTH
    return chance.weighted(TROUBLE)


def _timed(
    chance: Chance, made: Made, plan: list[Fate | None], names: list[str], office: WorkingTime
) -> list[Push | Cut]:
    days = office.days[: -max(_LAST_DAYS, len(office.days) // 20)]
    if chance.happens(made.rhythm.pause) and len(days) > 3 * _PAUSE_DAYS:
        begin = chance.whole(_PAUSE_DAYS, len(days) - _PAUSE_DAYS)
        days = days[:begin] + days[begin + _PAUSE_DAYS :]
    places = sorted(chance.whole(0, len(days) - 1) for _ in plan)
    items: list[Push | Cut] = []
    for place, fate in zip(places, plan, strict=True):
        if fate is None:
            items.append(Push(office.at(days[place], _pushing_hour(chance))))
        else:
            partner = None
            if fate in _TOGETHER and items and len(names) > 1 and chance.happens(_TWO_COMPONENTS):
                partner = chance.one_of([name for name in names if name != made.name])
            items.append(Cut(office.at(days[place], chance.between(9.3, 14.0)), fate, partner))
    return items


def _pushing_hour(chance: Chance) -> float:
    """Mornings, afternoons, and some evenings; hardly anybody at lunch."""
    part = chance.weighted({"morning": 0.42, "lunch": 0.03, "afternoon": 0.45, "evening": 0.1})
    spans = {
        "morning": (9.0, 11.5),
        "lunch": (11.5, 13.0),
        "afternoon": (13.0, 18.4),
        "evening": (18.5, 22.0),
    }
    return chance.between(*spans[part])

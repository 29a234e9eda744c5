"""What other systems say: commits, code, worth and work of stories, incidents; collected every morning."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from hummingbird.core.observation import (
    CodeObserved,
    CommitsObserved,
    IncidentObserved,
    ObservedCommit,
    StoryObserved,
    observation_event,
)
from hummingbird.core.story import StoryKey
from hummingbird.history.chance import Chance
from hummingbird.history.lane import Lane
from hummingbird.history.sealed import Sealed
from hummingbird.history.told import Told

Seen = CommitsObserved | CodeObserved | StoryObserved | IncidentObserved
Thing = TypeVar("Thing")
_WITHOUT_VALUE = 0.15
_POINTS = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0)
_HOURS_A_POINT = 6.0


@dataclass
class Unseen:
    """What was not collected yet, with the moments at which it happened."""

    seed: int
    _pushed: list[tuple[datetime, Lane, ObservedCommit]] = field(default_factory=list)
    _delivered: list[tuple[datetime, CommitsObserved]] = field(default_factory=list)
    _closed: list[tuple[datetime, StoryKey]] = field(default_factory=list)
    _incidents: list[tuple[datetime, IncidentObserved]] = field(default_factory=list)
    _known: set[StoryKey] = field(default_factory=set)

    def pushed(self, at: datetime, lane: Lane, commit: ObservedCommit) -> None:
        """A commit came to develop."""
        self._pushed.append((at, lane, commit))

    def delivered(self, at: datetime, bundle: Sealed, commits: dict[str, list[ObservedCommit]]) -> None:
        """A bundle came to serve in production, with so many commits for each component."""
        for name, its in commits.items():
            told = CommitsObserved(component=name, bundle=bundle.sha256, commits=its)
            self._delivered.append((at, told))
        self._closed += [(at, key) for key in bundle.stories]

    def went_wrong(self, incident: IncidentObserved, known_at: datetime) -> None:
        """Something was wrong in production, and the tracker knows it since then."""
        self._incidents.append((known_at, incident))

    def observed(self, until: datetime) -> list[Seen]:
        """Everything that is new by then, once."""
        commits, incidents = _taken(self._delivered, until), _taken(self._incidents, until)
        found: list[Seen] = [*commits, *incidents]
        for key in _taken(self._closed, until):
            if key not in self._known:
                self._known.add(key)
                found.append(_story(self.seed, key))
        by_lane: dict[str, tuple[Lane, list[ObservedCommit]]] = {}
        for at, lane, commit in self._pushed:
            if at <= until:
                by_lane.setdefault(lane.name, (lane, []))[1].append(commit)
        self._pushed = [one for one in self._pushed if one[0] > until]
        return found + [_code(lane, commits) for lane, commits in by_lane.values()]


def morning(told: Told, unseen: Unseen, at: datetime, run: str) -> None:
    """What is new is recorded."""
    for number, one in enumerate(unseen.observed(at)):
        told.take(at + timedelta(milliseconds=40 * number), observation_event(one, run, "platform"))


def _taken(waiting: list[tuple[datetime, Thing]], until: datetime) -> list[Thing]:
    """Take out what happened by then."""
    found = [thing for at, thing in waiting if at <= until]
    waiting[:] = [one for one in waiting if one[0] > until]
    return found


def _story(seed: int, key: StoryKey) -> StoryObserved:
    chance = Chance(seed, f"story/{key}")
    points = chance.one_of(_POINTS)
    cases = chance.whole(0, 14)
    return StoryObserved(
        story=key,
        value=None if chance.happens(_WITHOUT_VALUE) else points,
        worked_seconds=round(3600 * points * chance.around(_HOURS_A_POINT, 0.5)),
        cases=cases,
        automated=sum(chance.happens(0.7) for _ in range(cases)),
    )


def _code(lane: Lane, commits: list[ObservedCommit]) -> CodeObserved:
    return CodeObserved(
        component=lane.name,
        commit=commits[-1].id,
        lines={lane.made.language: 2000 + 40 * lane.made.tests + lane.lines, "yaml": 120 + lane.minor},
        commits=commits,
    )

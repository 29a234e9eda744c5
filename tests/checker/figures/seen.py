"""The ledger's rows, sorted by what figures need of them; everything else is forgotten while it is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from checker.figures.fact import moment
from checker.ledger import (
    ADMITTED,
    ASKED,
    BUILT,
    CLOSED,
    DEPLOYMENTS,
    SEALED,
    STORY_CLOSED,
    Event,
)

SCANNED = "dev.cdeventsx.hummingbird-scan.finished"
TESTED = "dev.cdevents.testsuiterun.finished"
OBSERVED = "dev.cdeventsx.hummingbird-metrics.observed"
NIGHT = "dev.cdeventsx.hummingbird-regression.finished"
IMPORTED = "dev.cdeventsx.hummingbird-history.imported"


@dataclass(frozen=True)
class Carried:
    """A component of a bundle."""

    component: str
    stories: frozenset[str]
    first: bool
    hotfix: bool


@dataclass(frozen=True)
class Ended:
    """How a pod, or the lack of one, left a bundle in a cluster."""

    sequence: int
    at: datetime
    bundle: str | None
    environment: str | None
    operation: str
    outcome: str | None
    started_at: datetime | None
    finished_at: datetime | None


@dataclass
class Seen:
    """What was read."""

    height: int = 0
    last: datetime | None = None
    carried: dict[str, list[Carried]] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
    admitted: dict[str, datetime] = field(default_factory=dict)
    scans: list[tuple[Event, float, str]] = field(default_factory=list)
    asked: dict[str, datetime] = field(default_factory=dict)
    decided: list[Event] = field(default_factory=list)
    closed: dict[str, Event] = field(default_factory=dict)
    worked: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Story → seconds of scans, suites and builds."""
    observed: dict[str, list[tuple[Event, dict[str, Any]]]] = field(default_factory=lambda: defaultdict(list))
    nights: list[dict[str, Any]] = field(default_factory=list)
    imported: list[Event] = field(default_factory=list)
    _branches: dict[str, dict[str, str]] = field(default_factory=dict)


def see(events: Iterable[Event], height: int | None = None, set_aside: frozenset[int] = frozenset()) -> Seen:
    """Read the events up to a row, without those that were set aside."""
    seen = Seen()
    for event in events:
        if height is not None and event.sequence > height:
            break
        seen.height, seen.last = event.sequence, event.at
        if event.kind in _READERS and event.sequence not in set_aside:
            _READERS[event.kind](seen, event)
    return seen


def _admitted(seen: Seen, event: Event) -> None:
    run = str(event.run)
    seen.admitted.setdefault(run, event.at)
    planned = event.data.get("plan", {}).get("components", [])
    seen._branches.setdefault(run, {one["name"]: one["branch"] for one in planned})


def _sealed(seen: Seen, event: Event) -> None:
    bundle = event.data["bundle"]
    branches = seen._branches.get(str(event.run), {})
    seen.carried[str(event.bundle)] = [
        Carried(
            one["name"],
            frozenset([*one["stories"], bundle["story"]]),
            place == 0,
            branches.get(one["name"], "").startswith("hotfix/"),
        )
        for place, one in enumerate(bundle["components"])
    ]


def _ended(seen: Seen, event: Event) -> None:
    report = event.data.get("report", {})
    if report.get("outcome") == "refused":
        return
    seen.ended.append(
        Ended(
            event.sequence,
            event.at,
            event.bundle,
            event.environment,
            "rollback" if str(event.run).startswith("rollback/") else "deploy",
            report.get("outcome"),
            moment(report.get("started_at")),
            moment(report.get("finished_at")),
        )
    )


def _scanned(seen: Seen, event: Event) -> None:
    report = event.data["report"]
    seen.scans.append((event, report["seconds"], report["mode"]))
    _worked(seen, event, report["seconds"])


def _worked(seen: Seen, event: Event, seconds: float) -> None:
    if event.story is not None:
        seen.worked[event.story] += seconds


def _decided(seen: Seen, event: Event) -> None:
    if event.data["state"] in ("approved", "rejected"):
        seen.decided.append(event)


def _observed(seen: Seen, event: Event) -> None:
    told = event.data["observation"]
    seen.observed[told["about"]].append((event, told))


_READERS: dict[str, Callable[[Seen, Event], object]] = {
    ADMITTED: _admitted,
    SEALED: _sealed,
    **dict.fromkeys(DEPLOYMENTS, _ended),
    SCANNED: _scanned,
    TESTED: lambda seen, event: _worked(seen, event, event.data["report"]["seconds"]),
    BUILT: lambda seen, event: _worked(seen, event, event.data["build"]["pipeline_seconds"]),
    ASKED: lambda seen, event: seen.asked.setdefault(event.subject, event.at),
    CLOSED: _decided,
    STORY_CLOSED: lambda seen, event: seen.closed.setdefault(str(event.story), event),
    OBSERVED: _observed,
    NIGHT: lambda seen, event: seen.nights.append(event.data),
    IMPORTED: lambda seen, event: seen.imported.append(event),
}

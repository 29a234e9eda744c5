"""All facts of a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from checker.figures import deliveries
from checker.figures.fact import Fact, moment, seconds
from checker.figures.seen import Seen


@dataclass(frozen=True)
class Rates:
    """Money an hour, as metrics.yaml has it, and which environment is production."""

    hourly: float
    compute_hourly: float
    production: str = "prod"


def facts(seen: Seen, rates: Rates) -> Iterator[Fact]:
    """Every fact."""
    yield from _cycles(seen)
    yield from _scans(seen)
    yield from _approvals(seen)
    yield from deliveries.facts(seen, rates.production)
    yield from _code(seen)
    yield from _stories(seen, rates)
    yield from _nights(seen)
    yield from _imported(seen)


def _cycles(seen: Seen) -> Iterator[Fact]:
    """The first time that a bundle came to an end in an environment, by an operation."""
    known: set[tuple[str, str, str]] = set()
    for one in seen.ended:
        if one.bundle is None or one.environment is None:
            continue
        key = (one.bundle, one.environment, one.operation)
        if key not in known:
            known.add(key)
            yield from _of_bundle(seen, one.bundle, "cycle", one.at, 1.0)


def _of_bundle(seen: Seen, bundle: str | None, kind: str, at: datetime, value: float) -> Iterator[Fact]:
    """One for each component, of which the first alone counts together."""
    carried = seen.carried.get(str(bundle), [])
    for one in carried:
        yield Fact(kind, at, value, one.component, one.first)
    if not carried:
        yield Fact(kind, at, value)


def _scans(seen: Seen) -> Iterator[Fact]:
    for event, length, mode in seen.scans:
        kind = "scan_full" if mode == "full" else "scan_incremental"
        yield Fact(kind, event.at, length, event.component)
        admitted = seen.admitted.get(str(event.run))
        if admitted is not None:
            waited = max(0.0, seconds(admitted, event.at) - length)
            yield Fact("scan_queue", event.at, waited, event.component)


def _approvals(seen: Seen) -> Iterator[Fact]:
    for event in seen.decided:
        asked = seen.asked.get(event.subject)
        if asked is not None:
            yield from _of_bundle(seen, event.bundle, "approval_wait", event.at, seconds(asked, event.at))


def _code(seen: Seen) -> Iterator[Fact]:
    known: set[tuple[str, str]] = set()
    for event, told in seen.observed["code"]:
        for language, count in told["lines"].items():
            yield Fact("lines", event.at, float(count), told["component"], True, language, event.sequence)
        for commit in told["commits"]:
            key = (told["component"], commit["id"])
            made = moment(commit["at"])
            if key not in known and made is not None:
                known.add(key)
                yield Fact("commit", made, 1.0, told["component"])


def _stories(seen: Seen, rates: Rates) -> Iterator[Fact]:
    known = {event.subject: told for event, told in seen.observed["story"]}
    for story, closed in seen.closed.items():
        told = known.get(story)
        if told is None:
            continue
        carried = seen.carried.get(str(closed.bundle), [])
        names = sorted(one.component for one in carried if story in one.stories)
        values: dict[str, float] = {}
        if told["value"]:
            work = told["worked_seconds"] / 3600 * rates.hourly
            values["cost"] = work + seen.worked[story] / 3600 * rates.compute_hourly
            values["value"] = told["value"]
        if told["cases"]:
            values["cases_automated"], values["cases_catalogued"] = told["automated"], told["cases"]
        for place, name in enumerate([*names] or [None]):
            for kind, value in values.items():
                yield Fact(kind, closed.at, float(value), name, place == 0)


def _nights(seen: Seen) -> Iterator[Fact]:
    for night in seen.nights:
        at = moment(night["finished_at"])
        if at is None or not night["selected"] > 0:
            continue
        pods = night["pods"] + (night.get("losses") or 0)
        told = {
            "regression": night["seconds"],
            "regression_queue": night["queued_seconds"],
            "regression_work": night["case_seconds"],
            "regression_capacity": night["seconds"] * pods,
            "regression_passed": night["night"]["totals"]["passed"],
            "regression_cases": night["selected"],
        }
        for kind, value in told.items():
            yield Fact(kind, at, float(value))


def _imported(seen: Seen) -> Iterator[Fact]:
    for event in seen.imported:
        at = moment(event.data["at"])
        assert at is not None
        part = (event.data.get("detail") or {}).get("part")
        yield Fact(event.data["fact"], at, event.data["value"], event.component, True, part, event.sequence)

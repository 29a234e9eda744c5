"""Production deployments: which served, which failed, what mended them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checker.figures.fact import Fact, moment, seconds
from checker.figures.seen import Carried, Ended, Seen

SERVED = ("deployed", "already_deployed")


@dataclass
class Change:
    """One component of one bundle that was deployed to production."""

    bundle: str
    carried: Carried
    happened: datetime
    sequence: int
    served_at: datetime | None
    served_by: int
    fell: tuple[datetime, datetime] | None
    """Until when and since when it did not come to serve."""
    broke_at: datetime | None
    undone_at: datetime | None
    mended: list[datetime]
    """When what was blamed on it was mended."""
    blamed: bool = False


def changes(seen: Seen, production: str) -> list[Change]:
    """Every deployment, with what later ones and incidents say of it."""
    by_bundle: dict[str, list[Ended]] = defaultdict(list)
    for one in seen.ended:
        if one.environment == production and one.bundle is not None:
            by_bundle[one.bundle].append(one)
    found = [
        change
        for bundle, ended in by_bundle.items()
        for carried in seen.carried.get(bundle, [])
        if (change := _change(bundle, carried, ended)) is not None
    ]
    by_component: dict[str, list[Change]] = defaultdict(list)
    for change in found:
        by_component[change.carried.component].append(change)
    for its in by_component.values():
        for change in its:
            if change.carried.hotfix:
                _blame(its, change.happened, change.served_at, change.bundle, None)
            if change.broke_at is not None:
                _replaced(its, change)
    for told in _incidents(seen):
        if told["caused_by"] is not None:
            began, resolved = moment(told["began_at"]), moment(told["resolved_at"])
            assert began is not None
            _blame(by_component.get(told["component"], []), began, resolved, None, told["caused_by"])
    return found


def facts(seen: Seen, production: str) -> Iterator[Fact]:
    """Deployments, changes, rework, recoveries, lead times and incidents."""
    found = changes(seen, production)
    for one in found:
        name = one.carried.component
        failed = bool(one.fell or one.broke_at or one.undone_at or one.blamed)
        yield Fact("change", one.happened, float(failed), name)
        yield Fact("rework", one.happened, float(one.carried.hotfix), name)
        if one.served_at is not None:
            yield Fact("deployment", one.served_at, 1.0, name)
        over = [at for at in (one.fell and one.fell[0], one.undone_at, *one.mended) if at is not None]
        if failed and over:
            since = one.fell[1] if one.fell else one.served_at or one.broke_at
            assert since is not None
            yield Fact("recovery", min(over), max(0.0, seconds(since, min(over))), name)
    yield from _lead_times(seen, found)
    for told in _incidents(seen):
        began = moment(told["began_at"])
        assert began is not None
        yield Fact("incident", began, 1.0, told["component"])


def _change(bundle: str, carried: Carried, ended: list[Ended]) -> Change | None:
    deployed = [one for one in ended if one.operation == "deploy"]
    if not deployed:
        return None
    served = [one for one in deployed if one.outcome in SERVED]
    fell = [
        (one.finished_at, one.started_at)
        for one in deployed
        if one.outcome == "rolled_back" and one.finished_at and one.started_at
    ]
    broke = [one.finished_at for one in deployed if one.outcome == "failed" and one.finished_at]
    undone = [one.at for one in ended if one.operation == "rollback" and one.outcome in SERVED]
    return Change(
        bundle,
        carried,
        min(one.at for one in deployed),
        min(one.sequence for one in deployed),
        min((one.at for one in served), default=None),
        min((one.sequence for one in served), default=0),
        min(fell, default=None),
        min(broke, default=None),
        min(undone, default=None),
        [],
    )


def _blame(
    its: list[Change], at: datetime, mended: datetime | None, bundle: str | None, story: str | None
) -> None:
    """The last deployment of the component that served before it."""
    before = [
        (one.served_at, one.sequence, one)
        for one in its
        if one.served_at is not None and one.served_at < at and one.bundle != bundle
        if story is None or story in one.carried.stories
    ]
    if before:
        found = max(before, key=lambda one: one[:2])[2]
        found.blamed = True
        found.mended += [mended] if mended is not None else []


def _replaced(its: list[Change], broken: Change) -> None:
    """Where neither version served: the next one that did."""
    assert broken.broke_at is not None
    later = [
        one.served_at
        for one in its
        if one.bundle != broken.bundle and one.served_at is not None and one.served_at > broken.broke_at
    ]
    broken.mended += [min(later)] if later else []


def _incidents(seen: Seen) -> list[dict[str, Any]]:
    """What was said last of each."""
    return list({event.subject: told for event, told in seen.observed["incident"]}.values())


def _lead_times(seen: Seen, found: list[Change]) -> Iterator[Fact]:
    """From a commit to the first deployment that carried it."""
    served = {(one.carried.component, one.bundle): one for one in found if one.served_at is not None}
    best: dict[tuple[str, str], tuple[tuple[datetime, int, int], datetime]] = {}
    for event, told in seen.observed["commits"]:
        change = served.get((told["component"], told["bundle"]))
        if change is None or change.served_at is None:
            continue
        for commit in told["commits"]:
            made = moment(commit["at"])
            assert made is not None
            place = (change.served_at, change.served_by, event.sequence)
            key = (told["component"], commit["id"])
            if key not in best or place < best[key][0]:
                best[key] = (place, made)
    for (component, _), (place, made) in best.items():
        yield Fact("lead_time", place[0], seconds(made, place[0]), component)

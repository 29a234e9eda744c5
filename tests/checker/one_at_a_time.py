"""I3: at any moment one deployment at most is under way in an environment."""

from __future__ import annotations

from collections import defaultdict

from checker.ledger import CONSUMED, DEPLOYMENTS, Event, of
from checker.seen import Seen


def check(events: list[Event], seen: Seen) -> list[str]:
    """What is wrong: overlapping deployments, and deployments of ended runs that never ended themselves."""
    wrong = []
    under_way: dict[str | None, dict[tuple[str, str | None], Event]] = defaultdict(dict)
    for event in of(events, CONSUMED, *DEPLOYMENTS):
        at_work = under_way[event.environment]
        if event.kind != CONSUMED:
            warrant = event.data.get("warrant") or (event.data.get("report") or {}).get("warrant")
            at_work.pop((str(warrant), event.cluster), None)
            continue
        others = [other for other in at_work.values() if other.run != event.run]
        wrong += [
            f"row {event.sequence}: {event.run} began in {event.environment}/{event.cluster} while "
            f"{other.run} was at work in {other.cluster} (row {other.sequence})"
            for other in others
        ]
        at_work[event.subject, event.cluster] = event
    over = {run.name for run in seen.runs if run.over}
    return wrong + [
        f"row {event.sequence}: {event.run} ended, and how its deployment in {event.cluster} did is not told"
        for at_work in under_way.values()
        for event in at_work.values()
        if event.run in over
    ]

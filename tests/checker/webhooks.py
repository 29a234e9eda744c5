"""I1: every accepted webhook that asks for a scan has led to exactly one run."""

from __future__ import annotations

import re
from collections import Counter

from checker.ledger import ADMITTED, REFUSED, WEBHOOK, Event, of
from checker.seen import Seen

_SCANNED = re.compile(r"develop$|feature/|release/|hotfix/")
"""Branches whose pushes are scanned; a push to master, or to any other, is only recorded."""
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


def check(events: list[Event], seen: Seen) -> list[str]:
    """What is wrong, a sentence each."""
    wrong = []
    runs = Counter(run.name for run in seen.runs)
    doors = Counter(event.subject for event in of(events, ADMITTED, REFUSED))
    over = {run.name for run in seen.runs if run.over}
    for hook in of(events, WEBHOOK):
        name = _run_of(hook)
        if name is not None and runs[name] != 1:
            wrong.append(f"webhook {hook.key} (row {hook.sequence}) asks for {name}: {runs[name]} runs of it")
        if name in over and doors[name] != 1:
            wrong.append(f"{name} of webhook {hook.key} passed the door {doors[name]} times, not once")
    wrong += [f"{name} passed the door {count} times" for name, count in doors.items() if count > 1]
    wrong += [f"{name} is in the ledger and not in Airflow" for name in doors if not runs[name]]
    return wrong


def _run_of(hook: Event) -> str | None:
    """The scan that a pushed branch asks for; other webhooks are only recorded."""
    branch, commit = str(hook.data.get("branch") or ""), str(hook.data.get("after", ""))
    if hook.data.get("event") != "push" or not commit.strip("0") or not _SCANNED.match(branch):
        return None
    named = hook.story or _NOT_IN_A_NAME.sub("-", branch).strip("-.") or "branch"
    return f"scan/{named[:180]}.{commit[:8]}__scan"

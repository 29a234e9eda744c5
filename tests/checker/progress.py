"""I5: no run is stuck in silence: it moves, waits for somebody by name, or has ended and said how."""

from __future__ import annotations

from datetime import timedelta

from checker.ledger import ADMITTED, FINISHED, REFUSED, Event, of
from checker.seen import Run, Seen

PATIENCE = timedelta(minutes=3)
"""Longer than the time after which a task without a heartbeat is given to another worker."""
WITHOUT_A_STORY = ("nightly_regression/", "metric_rollup/", "publish_head/")
"""Paths that start by schedule and deliver nothing: no plan is frozen at a door, only their end is told."""
OUTCOMES = ("DONE: ", "REFUSED: ", "BROKEN: ", "WAITING: ")


def check(events: list[Event], seen: Seen, patience: timedelta = PATIENCE) -> list[str]:
    """What is wrong, a sentence each."""
    wrong = []
    finished = {event.run for event in of(events, FINISHED)}
    admitted = {event.run for event in of(events, ADMITTED)}
    refused = {event.run for event in of(events, REFUSED)}
    for run in seen.runs:
        if not run.over:
            wrong += _silent(run, seen, patience)
        elif run.name in admitted | _scheduled(run) and run.name not in finished:
            wrong.append(f"{run.name} ended {run.state} and the ledger does not say how")
        elif run.name not in admitted | refused | _scheduled(run):
            wrong.append(f"{run.name} ended {run.state} and never passed the door")
        elif not run.note.startswith(OUTCOMES):
            wrong.append(f"{run.name} ended {run.state} and its note does not begin with an outcome")
    return wrong


def _silent(run: Run, seen: Seen, patience: timedelta) -> list[str]:
    if any(task.state == "awaiting_input" for task in run.tasks):
        return []
    if any(not other.over and other.id.startswith(f"{run.id}__") for other in seen.runs):
        return []  # a run below it is at work, and is judged itself
    moments = [moment for moment in (run.since, *(task.since for task in run.tasks)) if moment is not None]
    if moments and seen.now - max(moments) <= patience:
        return []
    states = ", ".join(
        f"{task.name} {task.state}" for task in run.tasks if task.state not in (None, "success")
    )
    since = f"{max(moments):%H:%M:%S}" if moments else "its beginning"
    return [f"{run.name} is {run.state} and nothing moved since {since} ({states or 'no task is at work'})"]


def _scheduled(run: Run) -> set[str]:
    return {run.name} if run.name.startswith(WITHOUT_A_STORY) else set()

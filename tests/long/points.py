"""Moments of a delivery, recognised from outside: in the ledger, in Airflow's tables, in a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from long.watch import Watch

Reached = Callable[[Watch, str, str], bool]
"""Asked with the path and the id of its run."""
WARRANT = "hummingbird.dev/warrant"
PAST = ("success", "up_for_retry", "up_for_reschedule")


@dataclass(frozen=True)
class Point:
    """A moment."""

    name: str
    reached: Reached


def _told(kind: str) -> Reached:
    return lambda watch, path, run: watch.events(f"{path}/{run}", kind) > 0


def _in(path: str, task: str, *states: str) -> Reached:
    """A task of the run itself (`path` empty) or of a run of `path` below it, in that state or just past it.

    A moment may be over within the pause between two looks, or while an earlier death is overcome.
    """
    return lambda watch, own, run: watch.is_in(run, path or own, task, *states, *PAST)


def _below(child: str, kind: str) -> Reached:
    return lambda watch, _, run: watch.events(f"{child}/{run}__{child}", kind) > 0


def _applied(watch: Watch, path: str, run: str) -> bool:
    """A Deployment carries this run's warrant. That its pods are not ready yet is over too soon to see."""
    return bool(_ours(watch, path, run))


def _ours(watch: Watch, path: str, run: str) -> list[dict[str, Any]]:
    warrants = watch.warrants(f"{path}/{run}")
    if not warrants:
        return []
    return [
        item
        for item in watch.deployments()
        if (item["metadata"].get("annotations") or {}).get(WARRANT) in warrants
    ]


POINTS = {
    point.name: point
    for point in (
        Point("admitted", _told("dev.cdeventsx.hummingbird-run.admitted")),
        Point("scanning", _in("scan", "scan", "running")),
        Point("building", _in("build", "start_pipeline", "running")),
        Point("sealed", _told("dev.cdeventsx.hummingbird-bundle.sealed")),
        Point("asked", _told("dev.cdeventsx.hummingbird-approval.created")),
        Point("starting approval", _in("", "approval", "running")),
        Point("prompted", _in("approval", "sign", "awaiting_input")),
        Point("parked", _in("", "await_people", "awaiting_input")),
        Point("approved", _told("dev.cdeventsx.hummingbird-approval.closed")),
        Point("deciding", _in("approval", "decide", "running")),
        Point("promoting", _in("promote", "copy_images", "running")),
        Point("promoted", _below("promote", "dev.cdevents.artifact.published")),
        Point("warrant issued", _told("dev.cdeventsx.hummingbird-warrant.issued")),
        Point("deploying", _in("", "deploy", "running")),
        Point("warrant consumed", _told("dev.cdeventsx.hummingbird-warrant.consumed")),
        Point("applied", _applied),
        Point("reported", _told("dev.cdevents.service.deployed")),
        Point("testing", _in("", "run_suites", "running")),
        Point("tagged", _told("dev.cdeventsx.hummingbird-release.tagged")),
        Point("closed", _told("dev.cdevents.ticket.closed")),
        Point("concluding", _in("", "conclude", "running")),
    )
}
"""By name."""

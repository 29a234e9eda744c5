"""Ending containers without a kubelet: for `stop-pods`, and for pods whose object went unseen."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from pathlib import Path

from sandbox.clusters.jsons import Json
from sandbox.clusters.runtime import processes


def end_runs(folder: Path, grace: float) -> int:
    """End every container run below a folder: SIGTERM, SIGKILL after `grace` seconds; how many there were."""
    runs = [run for run in (_living(path) for path in _started(folder)) if run]
    deadline = time.monotonic() + grace
    if grace:
        for run in runs:
            _signal(run, signal.SIGTERM)
        _await_all(runs, deadline)
    for run in runs:
        _signal(run, signal.SIGKILL)
    # The shim goes last, when it has written how its container ended.
    _await_all(runs, time.monotonic() + 5)
    return len(runs)


def _started(folder: Path) -> list[Path]:
    """The records of all runs; what a kubelet removes meanwhile, of pods that ended, is skipped."""
    return [Path(at) / "started.json" for at, _, files in os.walk(folder) if "started.json" in files]


def _living(path: Path) -> Json | None:
    try:
        started: Json = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None  # removed with its pod, which had ended
    same_boot = started["boot"] == processes.boot_id()
    alive = same_boot and processes.is_alive(started["shim"], started["shimStart"])
    return started if alive else None


def _signal(run: Json, number: signal.Signals) -> None:
    if processes.is_alive(run["pid"], run["start"]):
        try:
            os.killpg(run["pid"], number)
        except ProcessLookupError:
            return  # it ended by itself


def _await_all(runs: list[Json], deadline: float) -> None:
    """Wait until every shim is gone or the time is over."""
    for run in runs:
        try:
            handle = os.pidfd_open(run["shim"])
        except ProcessLookupError:
            continue
        try:
            if processes.is_alive(run["shim"], run["shimStart"]):
                select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
        finally:
            os.close(handle)

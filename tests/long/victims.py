"""Whom to kill: processes of a running platform, found by what they are, ended with SIGKILL."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Collection
from pathlib import Path

from sandbox.onebox.place import Place
from sandbox.onebox.processes import start_tick

Killed = list[int]
Find = Callable[[Place, Collection[str]], int]
Kill = Callable[[Place, Collection[str]], Killed]


def notice_pid(place: Place, part: str) -> int:
    """The process of a part of the platform, from the supervisor's board."""
    notices = json.loads((place.run / "board.json").read_text("utf-8"))["notices"]
    pid = notices[part]["pid"]
    if pid is None:
        raise LookupError(f"{part} does not run: {notices[part]}")
    return int(pid)


def component_pid(place: Place, component: str) -> int:
    """One of Airflow's components: the child of the family that writes its log."""
    log = str(place.logs / f"{component}.log")
    for pid in _children(notice_pid(place, "airflow")):
        if _reads_link(pid, "fd/1") == log:
            return pid
    raise LookupError(f"no process of Airflow's family writes {log}")


def task_worker_pid(place: Place, tasks: Collection[str]) -> int:
    """A worker process that is at work for one of the task instances: LocalExecutor names it in the title."""
    for pid in _children(component_pid(place, "scheduler")):
        title = _title(pid)
        if "LocalExecutor" in title and any(task in title for task in tasks):
            return pid
    raise LookupError(f"no worker is at work for {tasks}")


def _alone(find: Find) -> Kill:
    def kill(place: Place, tasks: Collection[str]) -> Killed:
        return _kill([find(place, tasks)])

    return kill


def _tree(find: Find) -> Kill:
    def kill(place: Place, tasks: Collection[str]) -> Killed:
        leader = find(place, tasks)
        return _kill([leader, *_descendants(leader)])

    return kill


def _immediately(place: Place, _: Collection[str]) -> Killed:
    """`pg_ctl stop -m immediate`: no checkpoint, every session dropped, recovery at the next start."""
    pid = notice_pid(place, "postgres")
    os.kill(pid, signal.SIGQUIT)
    return [pid]


VICTIMS: dict[str, Kill] = {
    "scheduler-tree": _tree(lambda place, _: component_pid(place, "scheduler")),
    "scheduler-alone": _alone(lambda place, _: component_pid(place, "scheduler")),
    "task-worker": _alone(task_worker_pid),
    "task-tree": _tree(task_worker_pid),
    "triggerer": _tree(lambda place, _: component_pid(place, "triggerer")),
    "api-server": _tree(lambda place, _: component_pid(place, "api-server")),
    "notary": _alone(lambda place, _: notice_pid(place, "notary")),
    "postgres": _immediately,
    "systems": _alone(lambda place, _: notice_pid(place, "sandbox")),
    "clusters": _alone(lambda place, _: notice_pid(place, "clusters")),
}
"""Name → how it dies; the second argument are the task instances at work (their ids)."""


def _kill(pids: list[int]) -> Killed:
    """Stop all first, so that none acts on another's death; then SIGKILL."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
    return pids


def _children(parent: int) -> list[int]:
    return [pid for pid in _processes() if _parent(pid) == parent and start_tick(pid) is not None]


def _descendants(leader: int) -> list[int]:
    found: list[int] = []
    for child in _children(leader):
        found += [child, *_descendants(child)]
    return found


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _reads_link(pid: int, name: str) -> str:
    try:
        return str(Path(f"/proc/{pid}/{name}").readlink())
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""

"""Processes that end with the platform: each starts a session, and is found again by that session."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from sandbox.onebox.place import write_private

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True)


def dies_with_parent(number: signal.Signals, user: int | None = None) -> Callable[[], None]:
    """What a child runs before its program: become `user`, and get `number` when the parent ends."""
    parent = os.getpid()

    def prepare() -> None:
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        # After setuid, which clears it.
        if _LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
            os._exit(126)
        if os.getppid() != parent:
            os._exit(125)

    return prepare


def adopt_orphans() -> None:
    """From now on a process below this one that loses its parent becomes this one's child."""
    if _LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "this kernel lets no process adopt orphans")


def end_children(besides: Collection[int]) -> None:
    """SIGKILL to this process's children and to what they leave behind, but for those named."""
    own = os.getpid()
    while left := [pid for pid in _own_processes() if _parent(pid) == own and pid not in besides]:
        send(left, signal.SIGKILL)
        for pid in left:
            os.waitpid(pid, 0)


def start_tick(pid: int) -> int | None:
    """When the process started, in ticks since boot; None when there is none or it is a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in ("Z", "X") else int(fields[19])


class Sessions:
    """The sessions of the platform's processes, on disk so that a later command finds what a crash left."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, pid: int) -> None:
        """Remember a session leader."""
        known = self._read()
        known[str(pid)] = start_tick(pid) or 0
        write_private(self._path, json.dumps(known))

    def forget(self) -> None:
        """Nothing is left."""
        self._path.unlink(missing_ok=True)

    def members(self) -> list[int]:
        """The living processes of the remembered sessions."""
        known = self._read()
        alive = {int(pid) for pid, tick in known.items() if start_tick(int(pid)) in (None, tick, 0)}
        return [pid for pid in _own_processes() if _session(pid) in alive and start_tick(pid) is not None]

    def end(self, grace_seconds: float) -> int:
        """SIGTERM to every member, SIGKILL to those that outlive the grace; how many there were."""
        found = self.members()
        send(found, signal.SIGTERM)
        deadline = time.monotonic() + grace_seconds
        while (left := self.members()) and time.monotonic() < deadline:
            time.sleep(0.05)
        while left:
            send(left, signal.SIGKILL)
            time.sleep(0.05)
            left = self.members()
        self.forget()
        return len(found)

    def _read(self) -> dict[str, int]:
        try:
            known: dict[str, int] = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return known


def _own_processes() -> Iterable[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            yield int(entry.name)


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Signal processes; one that has ended meanwhile is no error."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def end_session(leader: int) -> None:
    """SIGKILL to whatever a process left behind in its session."""
    while left := [p for p in _own_processes() if _session(p) == leader and start_tick(p) is not None]:
        send(left, signal.SIGKILL)
        time.sleep(0.02)


def guard(sessions: Sessions, grace_seconds: float) -> None:
    """Fork a small process that ends the platform's processes should this one die without doing so.

    PR_SET_PDEATHSIG reaches children only; the guard reaches their children too. It waits on a pipe
    that only this process holds open.
    """
    reading, writing = os.pipe()
    if os.fork():
        os.close(reading)
        return
    os.setsid()
    os.close(writing)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.read(reading, 1)
    sessions.end(grace_seconds)
    os._exit(0)

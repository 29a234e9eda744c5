"""`up` and `down` as a person sees them: a supervisor in the background, its notice board as progress."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.onebox.airflow_environment import base_environment
from sandbox.onebox.board import DONE, UP, Board, read_board
from sandbox.onebox.machine import Lacking, check_ports
from sandbox.onebox.place import Place
from sandbox.onebox.processes import Sessions, start_tick

START_PATIENCE_SECONDS = 300.0
STOP_PATIENCE_SECONDS = 50.0
POLL_SECONDS = 0.1

Say = Callable[[str], None]


def supervisor_pid(place: Place) -> int | None:
    """The living supervisor of this home, None when there is none."""
    try:
        pid = int((place.run / "supervisor.pid").read_text("utf-8"))
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    # Just after its start the kernel shows no command line yet.
    ours = not command or b"sandbox.onebox" in command
    return pid if ours and start_tick(pid) is not None else None


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Only one command starts or stops at a time."""
    with (place.run / "command.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def up(place: Place, say: Say) -> None:
    """Start the platform and wait until all of it serves; nothing when it does already."""
    place.create()
    with _alone(place):
        board = read_board(place.run / "board.json")
        supervisor_was_up = supervisor_pid(place) is not None
        if not supervisor_was_up:
            _sweep(place, say)
            check_ports(place.port_base)
            _launch(place)
        elif board and board.port_base != place.port_base:
            raise Lacking(
                f"It runs already on the ports from {board.port_base}: "
                "use HUMMINGBIRD_PORT with that number, or `make down` first."
            )
    known = board if board and supervisor_was_up else None
    _follow(place, set(known.notices) if known and known.phase == "ready" else set(), say)


def _sweep(place: Place, say: Say) -> None:
    """End what a killed supervisor left behind."""
    left = Sessions(place.run / "sessions.json").end(grace_seconds=5.0)
    if left:
        say(f"ended {left} processes that an earlier run had left")
    (place.run / "board.json").unlink(missing_ok=True)


def _launch(place: Place) -> None:
    command = [str(place.python), "-m", "sandbox.onebox", "supervise"]
    command += ["--home", str(place.home), "--port-base", str(place.port_base)]
    with (place.logs / "supervisor.log").open("ab") as output:
        process = subprocess.Popen(
            command,
            env=base_environment(place),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    (place.run / "supervisor.pid").write_text(f"{process.pid}\n", "utf-8")


def _follow(place: Place, told: set[str], say: Say) -> None:
    """Tell each part as it comes up; Lacking with the reason when one cannot."""
    until = time.monotonic() + START_PATIENCE_SECONDS
    while time.monotonic() < until:
        alive = supervisor_pid(place) is not None
        board = read_board(place.run / "board.json")
        if board:
            _tell_news(board, told, say)
            if board.phase == "ready":
                return
            if board.phase == "failed":
                raise Lacking(board.why)
        if not alive:
            raise Lacking(f"The supervisor ended too early; see {place.logs / 'supervisor.log'}")
        time.sleep(POLL_SECONDS)
    late = (
        [notice.title for notice in board.notices.values() if notice.state not in (UP, DONE)] if board else []
    )
    raise Lacking(
        f"Not up within {START_PATIENCE_SECONDS:.0f} s, waiting for: {', '.join(late)}; see {place.logs}"
    )


def _tell_news(board: Board, told: set[str], say: Say) -> None:
    for name, notice in board.notices.items():
        if name not in told and notice.state in (UP, DONE):
            told.add(name)
            if notice.seconds >= 0.5:
                say(f"{notice.title}: {notice.state} after {notice.seconds:.1f} s")


def down(place: Place, say: Say) -> None:
    """Stop everything; returns when no process is left."""
    if not place.run.exists():
        say("nothing runs")
        return
    with _alone(place):
        pid = supervisor_pid(place)
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            until = time.monotonic() + STOP_PATIENCE_SECONDS
            while start_tick(pid) is not None and time.monotonic() < until:
                time.sleep(POLL_SECONDS)
            if start_tick(pid) is not None:
                say("the supervisor does not stop in time: ending its processes")
                os.kill(pid, signal.SIGKILL)
        Sessions(place.run / "sessions.json").end(grace_seconds=3.0)
        (place.run / "supervisor.pid").unlink(missing_ok=True)
    say("stopped" if pid is not None else "nothing runs")

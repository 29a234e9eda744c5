import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from sandbox.onebox.board import read_board
from sandbox.onebox.part import Daemon, Step
from sandbox.onebox.place import Place
from sandbox.onebox.processes import Sessions, start_tick
from sandbox.onebox.supervisor import Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    home = Place(home=tmp_path / "home", port_base=29999)
    home.create()
    return home


async def serves() -> bool:
    return True


def daemon(command: list[str], name: str = "daemon", needs: tuple[str, ...] = ()) -> Daemon:
    return Daemon(name, name, command, serves, needs=needs, environment={}, grace_seconds=2.0)


async def run_until(place: Place, parts, phase: str, then=None):
    """Run a supervisor until its board tells the phase, do something, stop it."""
    supervisor = Supervisor(place, parts)
    running = asyncio.create_task(supervisor.run())
    async with asyncio.timeout(10):
        while not running.done():
            board = read_board(place.run / "board.json")
            if board and board.phase == phase:
                break
            await asyncio.sleep(0.02)
        result = await then() if then else None
        if not running.done():
            os.kill(os.getpid(), signal.SIGTERM)
        return await running, result


def test_parts_come_up_in_the_order_of_their_needs(place):
    order: list[str] = []
    parts = [
        Step("second", "second", lambda: order.append("second"), needs=("first",)),
        Step("first", "first", lambda: order.append("first")),
    ]
    code, _ = asyncio.run(run_until(place, parts, "ready"))
    assert (code, order) == (0, ["first", "second"])


def test_a_step_with_the_same_fingerprint_is_done_once(place):
    done: list[int] = []
    for mark in ("a", "a", "b"):
        step = Step("step", "step", lambda: done.append(1), fingerprint=mark)
        asyncio.run(run_until(place, [step], "ready"))
    assert len(done) == 2


def test_a_failing_step_stops_everything_with_its_last_line(place):
    fails = Step("bad", "the bad step", [sys.executable, "-c", "print('no luck'); raise SystemExit(3)"])
    code, _ = asyncio.run(run_until(place, [fails, daemon(SLEEPER)], "failed"))
    board = read_board(place.run / "board.json")
    assert code == 1
    assert board is not None
    assert "the bad step failed (exit code 3): no luck" in board.why
    assert Sessions(place.run / "sessions.json").members() == []


def test_a_daemon_that_dies_is_started_again(place):
    async def kill_it() -> tuple[int | None, int | None]:
        board = read_board(place.run / "board.json")
        assert board is not None
        first = board.notices["daemon"].pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        while True:
            board = read_board(place.run / "board.json")
            assert board is not None
            second = board.notices["daemon"].pid
            if second not in (None, first):
                return first, second
            await asyncio.sleep(0.05)

    code, (first, second) = asyncio.run(run_until(place, [daemon(SLEEPER)], "ready", kill_it))
    assert code == 0
    assert first != second
    assert start_tick(second) is None


def test_stopping_takes_the_grandchildren_too(place):
    nap = "import time; time.sleep(60)"
    child = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {nap!r}])"
    parent = [sys.executable, "-c", f"{child}; time.sleep(60)"]

    async def members() -> list[int]:
        sessions = Sessions(place.run / "sessions.json")
        while len(found := sessions.members()) < 2:
            await asyncio.sleep(0.02)
        return found

    code, found = asyncio.run(run_until(place, [daemon(parent)], "ready", members))
    assert code == 0
    assert all(start_tick(pid) is None for pid in found)


def test_a_killed_supervisor_takes_everything_with_it(place):
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from sandbox.onebox.part import Daemon\n"
        "from sandbox.onebox.place import Place\n"
        "from sandbox.onebox.processes import Sessions, guard\n"
        "from sandbox.onebox.supervisor import supervise\n"
        "async def serves(): return True\n"
        f"place = Place(Path({str(place.home)!r}), 29999)\n"
        "guard(Sessions(place.run / 'sessions.json'), 0.5)\n"
        "stubborn = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)'\n"
        "supervise(place, [Daemon('d', 'd', [sys.executable, '-c', stubborn], serves)])\n"
    )
    pid = os.spawnve(os.P_NOWAIT, sys.executable, [sys.executable, "-c", script], {"PYTHONPATH": "include"})
    until = time.monotonic() + 10
    while not ((board := read_board(place.run / "board.json")) and board.phase == "ready"):
        assert time.monotonic() < until
        time.sleep(0.05)
    daemon_pid = board.notices["d"].pid
    assert daemon_pid is not None
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while start_tick(daemon_pid) is not None:
        assert time.monotonic() < until + 10
        time.sleep(0.05)

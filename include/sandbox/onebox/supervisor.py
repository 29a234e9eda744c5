"""One process that starts the parts in their order, keeps the daemons up, and takes all of them with it."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from sandbox.onebox.board import DONE, DOWN, RUNNING, STARTING, UP, Board, Notice
from sandbox.onebox.part import Daemon, Part, PartFailed, Step
from sandbox.onebox.place import Place, write_private
from sandbox.onebox.processes import Sessions, dies_with_parent, end_session

PROBE_SECONDS = 0.2
"""Pause between two questions whether a daemon serves."""
ATTEMPTS_WHILE_STARTING = 3
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A daemon that served this long starts its back-off anew."""


class Supervisor:
    """Runs a graph of parts until it is told to stop."""

    def __init__(self, place: Place, parts: Sequence[Part], farewell: Sequence[Step] = ()) -> None:
        self._place = place
        self._parts = list(parts)
        self._farewell = farewell
        """Steps before the last wave of daemons stops."""
        self._sessions = Sessions(place.run / "sessions.json")
        notices = {part.name: Notice(part.title) for part in parts}
        self._board = Board(place.run / "board.json", place.port_base, notices=notices)
        self._came = {part.name: asyncio.Event() for part in parts}
        self._stopping = asyncio.Event()
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def run(self) -> int:
        """0 after an orderly stop, 1 when a part could not be brought up."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        self._board.publish()
        tasks = [asyncio.create_task(self._bring(part), name=part.name) for part in self._parts]
        everything = asyncio.create_task(self._announce_ready())
        told = asyncio.create_task(self._stopping.wait())
        failure = await self._watch(tasks, told)
        self._stopping.set()
        self._board.enter("stopping", failure)
        for task in (*tasks, everything, told):
            task.cancel()
        await asyncio.gather(*tasks, everything, told, return_exceptions=True)
        await self._stop()
        self._board.enter("failed" if failure else "stopped", failure)
        return 1 if failure else 0

    async def _watch(self, tasks: list[asyncio.Task[None]], told: asyncio.Task[bool]) -> str:
        """Wait for the word to stop or the first failure, and say which part failed, if one did."""
        pending: set[asyncio.Task[None] | asyncio.Task[bool]] = {*tasks, told}
        while not told.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if isinstance(error, PartFailed):
                    return str(error)
                if error:
                    traceback.print_exception(error)
                    return f"{_title(task)} failed: {error}"
        return ""

    async def _announce_ready(self) -> None:
        for event in self._came.values():
            await event.wait()
        self._board.enter("ready")

    async def _bring(self, part: Part) -> None:
        for name in part.needs:
            await self._came[name].wait()
        if isinstance(part, Step):
            await self._step(part)
        else:
            await self._keep(part)

    async def _step(self, step: Step) -> None:
        mark = self._place.run / "done" / step.name
        if step.fingerprint is None or not mark.exists() or mark.read_text("utf-8") != step.fingerprint:
            began = time.monotonic()
            self._board.set(step.name, state=RUNNING)
            if callable(step.work):
                await asyncio.to_thread(step.work)
            else:
                await self._command(step, step.work)
            if step.fingerprint is not None:
                mark.parent.mkdir(exist_ok=True)
                write_private(mark, step.fingerprint)
            self._board.notices[step.name].seconds = time.monotonic() - began
        self._board.set(step.name, state=DONE)
        self._came[step.name].set()

    async def _command(self, step: Step, command: list[str]) -> None:
        process = await self._spawn(step.name, command, step.environment)
        code = await process.wait()
        end_session(process.pid)
        if code:
            raise PartFailed(f"{step.title} failed (exit code {code}): {self._last_line(step.name)}")

    async def _keep(self, daemon: Daemon) -> None:
        pause, failures = 1.0, 0
        while True:
            began = time.monotonic()
            self._board.set(daemon.name, state=STARTING)
            process = await self._spawn(
                daemon.name, daemon.command, daemon.environment, daemon.stop_signal, daemon.user
            )
            self._running[daemon.name] = process
            self._board.set(daemon.name, pid=process.pid)
            if await self._serves(daemon, process):
                self._board.set(daemon.name, state=UP, seconds=time.monotonic() - began)
                self._came[daemon.name].set()
            code = await process.wait()
            end_session(process.pid)
            steady = time.monotonic() - began > STEADY_SECONDS
            pause, failures = (1.0, 0) if steady else (pause, failures + 1)
            if not self._came[daemon.name].is_set() and failures >= ATTEMPTS_WHILE_STARTING:
                raise PartFailed(
                    f"{daemon.title} ended {failures} times while starting (exit code {code}): "
                    f"{self._last_line(daemon.name)}"
                )
            restarts = self._board.notices[daemon.name].restarts + 1
            self._board.set(daemon.name, state=DOWN, pid=None, restarts=restarts)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _serves(self, daemon: Daemon, process: asyncio.subprocess.Process) -> bool:
        """True when the daemon serves, False when it ended before."""
        ended = asyncio.create_task(process.wait())
        try:
            while not ended.done():
                if await daemon.ready():
                    return True
                await asyncio.wait([ended], timeout=PROBE_SECONDS)
        finally:
            ended.cancel()
        return False

    async def _spawn(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str],
        end_with: signal.Signals = signal.SIGTERM,
        user: int | None = None,
    ) -> asyncio.subprocess.Process:
        with self._log(name).open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                env=environment,
                cwd="/" if user else self._place.home,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=dies_with_parent(end_with, user),
            )
        self._sessions.add(process.pid)
        return process

    async def _stop(self) -> None:
        daemons = [part for part in self._parts if isinstance(part, Daemon)]
        waves = sorted({daemon.stop_wave for daemon in daemons})
        for wave in waves:
            if wave == waves[-1]:
                for step in self._farewell:
                    await self._farewell_step(step)
            await asyncio.gather(*(self._end(daemon) for daemon in daemons if daemon.stop_wave == wave))
        await asyncio.to_thread(self._sessions.end, 2.0)

    async def _farewell_step(self, step: Step) -> None:
        """A farewell that fails is told in its log; stopping goes on."""
        if not callable(step.work):
            process = await self._spawn(step.name, step.work, step.environment)
            await process.wait()

    async def _end(self, daemon: Daemon) -> None:
        process = self._running.get(daemon.name)
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(daemon.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), daemon.grace_seconds)
            except TimeoutError:
                process.kill()
                await process.wait()
        end_session(process.pid)
        self._board.set(daemon.name, state=DOWN, pid=None)

    def _log(self, name: str) -> Path:
        return self._place.logs / f"{name}.log"

    def _last_line(self, name: str) -> str:
        """The last line that a process wrote, and where the others are."""
        lines = [line for line in self._log(name).read_text("utf-8", "replace").splitlines() if line.strip()]
        return f"{lines[-1].strip() if lines else 'it said nothing'} (whole log: {self._log(name)})"


def _title(task: asyncio.Task[None] | asyncio.Task[bool]) -> str:
    return task.get_name().replace("-", " ")


def supervise(place: Place, parts: Sequence[Part], farewell: Sequence[Step] = ()) -> int:
    """Run the supervisor in this process."""
    print(f"supervisor of {place.home}, ports from {place.port_base}", file=sys.stderr, flush=True)

    async def whole() -> int:
        return await Supervisor(place, parts, farewell).run()

    return asyncio.run(whole())

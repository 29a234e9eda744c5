"""One run of one container: started through its shim, or found again after the sandbox was away."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.clusters.jsons import Json
from sandbox.clusters.runtime import processes
from sandbox.file_events import FileEvents

_SHIM = Path(__file__).with_name("shim.py")


@dataclass(frozen=True)
class Program:
    """What a container runs: everything already in terms of this machine."""

    executable: str
    argv: list[str]
    env: dict[str, str]
    cwd: str
    memory: int | None
    ports: dict[int, int] = field(default_factory=dict)
    paths: list[tuple[str, str]] = field(default_factory=list)
    root: str = ""


class Container:
    """A run in its folder. `started.json` and `exit.json` there are the truth; this object only looks."""

    def __init__(self, folder: Path, events: FileEvents) -> None:
        self.folder = folder
        self._events = events
        self._shim: int | None = None

    @property
    def log(self) -> Path:
        """The file of dated output."""
        return self.folder / "log"

    @property
    def spec(self) -> Json:
        """What was asked to run."""
        return self._read("spec.json") or {}

    @property
    def started(self) -> Json | None:
        """Process, shim and time of the start, or None before it."""
        return self._read("started.json")

    @property
    def ended(self) -> Json | None:
        """Exit code and time of the end, or None before it."""
        return self._read("exit.json")

    @property
    def mark(self) -> str:
        """What this container's processes carry in their environment."""
        return str(self.spec.get("env", {}).get(processes.MARK, ""))

    def prepare(self, program: Program) -> None:
        """Write what is to run; the folder holds secrets and is its owner's alone."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log.touch(mode=0o600)
        path = self.folder / "spec.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(program.__dict__), "utf-8")

    def refuse(self, problem: str, moment: str) -> None:
        """Write that the program could not be found, as an end."""
        self._write("exit.json", {"problem": problem, "finishedAt": moment})

    def launch(self) -> None:
        """Start the shim, which starts the program; returns at once."""
        errors = str(self.folder / "shim.err")
        self._shim = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", str(_SHIM), str(self.folder)],
            {},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, errors, os.O_WRONLY | os.O_CREAT, 0o600),
            ],
            setsid=True,
        )

    async def until_started(self) -> None:
        """Wait for the program's start, its end, or the loss of the shim."""
        await self._until("started.json", "exit.json")

    async def until_ended(self) -> Json:
        """Wait for the end; a run whose shim is lost ends here as killed."""
        await self._until("exit.json")
        ended = self.ended
        if ended is None:
            await self.kill()
            ended = {"exitCode": 137, "lost": True}
            self._write("exit.json", ended)
        if self._shim is not None:
            shim, self._shim = self._shim, None
            # The shim is a child of ours and has nothing left to do but to leave.
            await asyncio.to_thread(os.waitpid, shim, 0)
        return ended

    async def stop(self, grace: float) -> None:
        """SIGTERM to the process group, SIGKILL after `grace` seconds."""
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace):
                await self._until("exit.json")
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL to the process group and to everything else of this container."""
        self.signal(signal.SIGKILL)
        mark = self.mark
        if mark:
            for pid in await asyncio.to_thread(processes.of_container, mark):
                _send(pid, signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """Signal the process group if its leader is still the process that was started."""
        started = self.started
        if started and self.ended is None and self._is(started, "pid", "start"):
            try:
                os.killpg(started["pid"], number)
            except ProcessLookupError:
                return  # it ended by itself

    @property
    def shim_lives(self) -> bool:
        """Whether somebody will still write the end."""
        if self._shim is not None and self.started is None:
            return processes.start_of(self._shim) is not None
        started = self.started
        return bool(started and self._is(started, "shim", "shimStart"))

    def _is(self, started: Json, pid: str, start: str) -> bool:
        return started["boot"] == processes.boot_id() and processes.is_alive(started[pid], started[start])

    async def _until(self, *names: str) -> None:
        """Wait until one of the files is there or the shim is gone."""
        changed = asyncio.Event()
        loop = asyncio.get_running_loop()
        with self._events.watching(self.folder, changed.set):
            handle = self._shim_handle()
            if handle is not None:
                loop.add_reader(handle, changed.set)
            try:
                while not any((self.folder / name).exists() for name in names):
                    if not self.shim_lives:
                        return
                    await changed.wait()
                    changed.clear()
            finally:
                if handle is not None:
                    loop.remove_reader(handle)
                    os.close(handle)

    def _shim_handle(self) -> int | None:
        started = self.started
        pid = self._shim if self._shim is not None else started["shim"] if started else None
        if pid is None:
            return None
        try:
            return os.pidfd_open(pid)
        except ProcessLookupError:
            return None

    def _read(self, name: str) -> Json | None:
        try:
            content: Json = json.loads((self.folder / name).read_text("utf-8"))
        except FileNotFoundError:
            return None
        return content

    def _write(self, name: str, content: dict[str, Any]) -> None:
        fresh = self.folder / f"{name}.own"
        fresh.write_text(json.dumps(content), "utf-8")
        fresh.replace(self.folder / name)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it ended by itself

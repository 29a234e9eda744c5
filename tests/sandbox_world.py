"""The sandbox for tests: real processes on free ports below a temporary home, started when asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline_runner import place_runner
from ports import free_port_base
from sandbox.world import World

INCLUDE = Path(__file__).parents[1] / "include"


class SandboxWorld:
    """One home and one block of ports; each stand-in is served once, seeded once, and stopped at the end.

    `needs("jira", "harbor")` serves, `seeded("harbor", "gitlab")` serves and brings to the starting state.
    """

    def __init__(self, home: Path) -> None:
        self.world = World(home=home, port_base=free_port_base())
        self._served: dict[str, subprocess.Popen[str]] = {}
        self._seeded: set[str] = set()
        self._runner = False

    def url(self, name: str) -> str:
        """Base URL of a system or cluster."""
        return self.world.url(name)

    def secret(self, name: str) -> str:
        """A password or token, such as `harbor.platform`."""
        return self.world.secret(name)

    def needs(self, *systems: str) -> SandboxWorld:
        """Serve the stand-ins that are not served yet, each in a process of its own."""
        fresh = {system: self._start(system) for system in systems if system not in self._served}
        self._served.update(fresh)
        for system, process in fresh.items():
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said.startswith("ready"):
                raise AssertionError(f"{system} did not start; see {self._log(system)}")
        return self

    def seeded(self, *systems: str) -> SandboxWorld:
        """Serve the stand-ins and bring them to their starting state."""
        self.needs(*systems)
        wanted = [system for system in systems if system not in self._seeded]
        if wanted:
            notary = ("--notary-url", "http://127.0.0.1:9", "--notary-public-key", "none")
            _run("sandbox.seed", *self._place(), "--only", *wanted, *notary)
            self._seeded.update(wanted)
        return self

    def with_runner(self) -> SandboxWorld:
        """Have what runs GitLab's pipelines."""
        if not self._runner:
            place_runner(self.world.home)
            self._runner = True
        return self

    def stop(self) -> None:
        """Ask every process to stop, wait for it, and end the pods, which outlive their clusters."""
        for process in self._served.values():
            process.send_signal(signal.SIGTERM)
        with ExitStack() as stack:
            for process in self._served.values():
                stack.callback(_ended, process)
        if "clusters" in self._served:
            from sandbox.clusters.stopping import stop_pods  # costs half a second: not for every session

            stop_pods(self.world)
        self._served.clear()

    def _start(self, system: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "sandbox", "serve", system, *self._place()]
        with self._log(system).open("w") as log:
            return subprocess.Popen(
                command, env=_environment(), stdout=subprocess.PIPE, stderr=log, text=True
            )

    def _log(self, system: str) -> Path:
        return self.world.home / f"{system}.stderr"

    def _place(self) -> list[str]:
        return ["--home", str(self.world.home), "--port-base", str(self.world.port_base)]


@contextmanager
def sandbox_world(home: Path) -> Iterator[SandboxWorld]:
    """A sandbox below a home folder, stopped at the end."""
    sandbox = SandboxWorld(home)
    try:
        yield sandbox
    finally:
        sandbox.stop()


def _run(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, env=_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def _environment() -> dict[str, str]:
    base_path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return {**os.environ, "PYTHONPATH": str(INCLUDE), "SANDBOX_BASE_PATH": base_path}


def _ended(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    finally:
        if process.stdout is not None:
            process.stdout.close()

"""A whole platform for end-to-end tests: in a folder of its own, on free ports, stopped at the end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.onebox.airflow_api import AirflowApi
from sandbox.onebox.bootstrap import NODE_TOOLS
from sandbox.onebox.machine import PORT_OFFSETS
from sandbox.onebox.place import REPOSITORY, Place

UP_SECONDS, DOWN_SECONDS = 360, 90


@dataclass(frozen=True)
class OneBox:
    """A running platform."""

    place: Place

    def airflow(self, account: str) -> AirflowApi:
        """Airflow's API as an account of roles.py."""
        return AirflowApi.login(self.place, account)

    def command(self, *words: str, timeout: float = UP_SECONDS) -> subprocess.CompletedProcess[str]:
        """`python -m sandbox.onebox …` for this platform."""
        where = ["--home", str(self.place.home), "--port-base", str(self.place.port_base)]
        return subprocess.run(
            [sys.executable, "-m", "sandbox.onebox", *words, *where],
            env={**os.environ, "PYTHONPATH": str(self.place.repository / "include")},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )


def free_port_base() -> int:
    """A block of ports that is free now; searched below the range that the kernel hands out by itself."""
    for base in range(23080, 32000, 200):
        if all(_is_free(base + offset) for offset in PORT_OFFSETS):
            return base
    raise RuntimeError("no free block of ports between 23080 and 32000")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@contextmanager
def whole_platform(repository: Path = REPOSITORY) -> Iterator[OneBox]:
    """Install what comes from npm, start everything; stop it whatever happens.

    `repository` may be a copy of this one, whose files a test may change while the platform runs.
    """
    with tempfile.TemporaryDirectory(prefix="onebox-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "include")}
        for tools in NODE_TOOLS:
            install = [sys.executable, "-m", tools, "--home", str(home)]
            subprocess.run(install, env=environment, check=True, capture_output=True, timeout=300)
        box = OneBox(Place(home=home, port_base=free_port_base(), repository=repository))
        try:
            started = box.command("up")
            assert started.returncode == 0, f"{started.stdout}\n{started.stderr}"
            yield box
        finally:
            stopped = box.command("down", timeout=DOWN_SECONDS)
            assert stopped.returncode == 0, f"{stopped.stdout}\n{stopped.stderr}"

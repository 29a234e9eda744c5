"""The GitLab stand-in as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from sandbox.world import World


class Served:
    """`python -m sandbox serve gitlab` as a process of its own."""

    def __init__(self, world: World) -> None:
        command = [sys.executable, "-m", "sandbox", "serve", "gitlab", "--home", str(world.home)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            [*command, "--port-base", str(world.port_base)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def __enter__(self) -> subprocess.Popen[str]:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready gitlab\n"
        return self.process

    def __exit__(self, *unused: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)


def alive(number: int) -> bool:
    """Whether a process is there."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True

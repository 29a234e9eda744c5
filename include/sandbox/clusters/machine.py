"""What the clusters of one process share of this machine: images, file events, tools, ports, TLS, a log."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from sandbox.clusters.authority import certificate_authority, server_context
from sandbox.clusters.images.cache import ImageCache
from sandbox.file_events import FileEvents
from sandbox.world import World

_POD_TOOLS = Path(__file__).parent / "runtime" / "pod_tools.py"


class Machine:
    """Made once a process; started by the first cluster, stopped by the last."""

    def __init__(self, world: World) -> None:
        folder = world.folder("clusters")
        self.images = ImageCache(folder / "images")
        self.authority = certificate_authority(world)
        self.tls = server_context(world)
        self.tools = folder / "tools"
        self.ports: set[int] = set(range(world.port_base, world.port_base + 50))
        self.access = _access_log(world)
        self.files = FileEvents()
        self._users = 0

    def start(self) -> None:
        """Count one more user; the first makes it work."""
        self._users += 1
        if self._users == 1:
            self.files.start()
            self._write_tools()

    def stop(self) -> None:
        """Count one user less; the last ends it."""
        self._users -= 1
        if self._users == 0:
            self.files.stop()
            for handler in list(self.access.handlers):
                self.access.removeHandler(handler)
                handler.close()

    def _write_tools(self) -> None:
        """The programs that stand first on every pod's PATH; see runtime.pod_tools."""
        self.tools.mkdir(exist_ok=True)
        for name, tool in (("pgrep", "pgrep"), ("pkill", "pkill"), ("kill", "kill"), ("pod-kill", "kill")):
            path = self.tools / name
            path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{_POD_TOOLS}" {tool} "$@"\n', "utf-8")
            path.chmod(0o755)


def _access_log(world: World) -> logging.Logger:
    logger = logging.getLogger(f"sandbox.clusters.access.{world.port_base}.{id(world)}")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    handler = logging.FileHandler(world.folder("clusters") / "access.log")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    return logger

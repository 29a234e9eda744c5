"""Ports of this machine for pods and services: free, below the ephemeral range, not this sandbox's own."""

from __future__ import annotations

import random
import socket
from pathlib import Path

_LOWEST = 10240


def free_port(taken: set[int]) -> int:
    """A TCP port of 127.0.0.1 that nobody listens on; OSError when none can be found."""
    for _ in range(200):
        port = random.randrange(_LOWEST, _highest())  # noqa: S311  no secret depends on it
        if port in taken:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free TCP port was found on 127.0.0.1")


def _highest() -> int:
    """The first ephemeral port: below it no outgoing connection can take a port away."""
    path = Path("/proc/sys/net/ipv4/ip_local_port_range")
    lowest_ephemeral = int(path.read_text("utf-8").split()[0]) if path.exists() else 32768
    return lowest_ephemeral if lowest_ephemeral > _LOWEST + 1000 else 60999

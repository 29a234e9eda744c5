"""Free ports for test servers that must know their port before they start."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterable

LOWEST, HIGHEST = 20000, 31000
"""Below the range that outgoing connections take, so that none of them can take a port after it was found."""
SPAN = 22
"""Ports from the base that the platform may take."""


def free_port_base(offsets: Iterable[int] = range(SPAN)) -> int:
    """A base whose ports at these offsets nobody listens on; parallel workers look in ranges of their own."""
    wanted = list(offsets)
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    share = (HIGHEST - LOWEST) // workers
    lowest = LOWEST + worker * share
    while True:
        base = random.randrange(lowest, lowest + share - SPAN)
        if all(_free(base + offset) for offset in wanted):
            return base


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

"""Ending every pod process of a home, for `python -m sandbox stop-pods`."""

from __future__ import annotations

from sandbox.clusters.runtime.leftovers import end_runs
from sandbox.world import World

GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL."""


def stop_pods(world: World) -> int:
    """End all containers of all clusters of a home; how many there were. The clusters must not be running."""
    return end_runs(world.folder("clusters"), GRACE)

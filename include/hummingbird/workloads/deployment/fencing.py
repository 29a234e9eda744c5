"""A write that fails once a later holder of the lease has written: a deployment that slept undoes nothing.

A lease alone does not stop hands that were paused between looking at it and moving. So the Deployment carries
the number of the holder that wrote it last, and is written only onto the version in which that was read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hummingbird.clients.cluster import Cluster
from hummingbird.core.errors import Conflict, NotFound
from hummingbird.workloads.deployment.manifests import FENCE

ATTEMPTS = 20
"""The cluster's own controllers write the Deployment's status: a version that moved on is looked at again."""


def apply_fenced(cluster: Cluster, document: dict[str, Any], fence: int, hold: Callable[[], None]) -> None:
    """Apply a Deployment as the holder numbered `fence`; Conflict when a later one wrote or holds it."""
    name = document["metadata"]["name"]
    for attempt in range(1, ATTEMPTS + 1):
        version = _version(cluster, name, fence)
        hold()
        try:
            cluster.apply(document, version)
        except Conflict:
            if attempt == ATTEMPTS:
                raise
        else:
            return


def _version(cluster: Cluster, name: str, fence: int) -> str | None:
    """The version that is there now, None when there is none."""
    try:
        metadata = cluster.deployment(name)["metadata"]
    except NotFound:
        return None
    wrote = int((metadata.get("annotations") or {}).get(FENCE) or 0)
    if wrote > fence:
        raise Conflict(
            f"Deployment {name}: written by lease holder {wrote}, this is holder {fence}; "
            "another deployment took over, this one stops"
        )
    return str(metadata["resourceVersion"])

"""What runs in the cluster now, by the Deployment's own annotations."""

from __future__ import annotations

from dataclasses import dataclass

from hummingbird.clients.cluster import Cluster
from hummingbird.core.errors import NotFound
from hummingbird.workloads.deployment.manifests import BUNDLE, FAILED, REASON, WARRANT


@dataclass(frozen=True)
class Live:
    """A Deployment as it stands; `bundle` None when nothing runs. `replicas` 0 is a stopped one."""

    bundle: str | None
    replicas: int = 0
    warrant: str | None = None
    rolled_back_from: str | None = None
    reason: str | None = None

    @property
    def serving(self) -> str | None:
        """The bundle that the pods are of, None when there are none."""
        return self.bundle if self.replicas else None


def live(cluster: Cluster, name: str) -> Live:
    """Read it; a Deployment that the platform did not make counts as bundle `foreign`."""
    try:
        found = cluster.deployment(name)
    except NotFound:
        return Live(None)
    told = found["metadata"].get("annotations") or {}
    return Live(
        bundle=told.get(BUNDLE, "foreign"),
        replicas=int(found["spec"].get("replicas", 1)),
        warrant=told.get(WARRANT),
        rolled_back_from=told.get(FAILED) or None,
        reason=told.get(REASON) or None,
    )

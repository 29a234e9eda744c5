"""Stand-in for Kubernetes clusters: API servers over TLS in one process, pods that really run.

There is one for each cluster of the catalogue.

Follows the Kubernetes API reference 1.33 (kubernetes.io/docs/reference/kubernetes-api) and what was recorded
of a real API server for KubernetesPodOperator, kubectl and the Python clients. It is no Kubernetes: it serves
pods, deployments, replica sets, services, config maps, secrets, leases, events, namespaces and service
accounts; any other call is answered 501 with a Status that names it. Unknown fields are kept, not refused.
Pods are processes of this machine, without isolation: see kubelet.paths for how they learn their paths,
images.cache for the images that are built in, and runtime.pod_tools for what keeps a pod from signalling
other processes.

A pod outlives the process of the clusters, whether that is stopped or killed, and is found again when it
starts; `python -m sandbox stop-pods` ends all pods of a home (stop the clusters first, else they start them
again).
"""

from __future__ import annotations

from sandbox.clusters.cluster import Cluster
from sandbox.clusters.machine import Machine
from sandbox.serving import Service
from sandbox.world import CLUSTERS, World


def create(world: World) -> list[Service]:
    """The clusters of a world, each on its own port."""
    machine = Machine(world)
    return [Cluster(world, name, machine) for name in CLUSTERS]

"""A cluster without workloads: what an earlier test of the session deployed there is gone."""

from __future__ import annotations

from kubernetes.client import AppsV1Api
from kubernetes.config import new_client_from_config_dict

from sandbox.clusters.access import NAMESPACE, kubeconfig
from sandbox_world import SandboxWorld


def empty_cluster(sandbox: SandboxWorld, name: str) -> None:
    """Delete every Deployment of a cluster's namespace, as its administrator."""
    namespace = NAMESPACE[name]
    with new_client_from_config_dict(kubeconfig(sandbox.world, name, "admin")) as client:
        api = AppsV1Api(client)
        for one in api.list_namespaced_deployment(namespace).items:
            api.delete_namespaced_deployment(one.metadata.name, namespace, propagation_policy="Background")

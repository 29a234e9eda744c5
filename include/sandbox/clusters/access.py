"""How anyone reaches a sandbox cluster: a kubeconfig for one of its ServiceAccounts."""

from __future__ import annotations

import base64

from sandbox.catalog import clusters
from sandbox.clusters.authority import certificate_authority
from sandbox.clusters.jsons import Json
from sandbox.world import World

NAMESPACE = {name: entry.namespace for name, entry in clusters().items()}
"""The namespace that a cluster's work lives in."""


def token(world: World, cluster: str, serviceaccount: str) -> str:
    """The bearer token of a ServiceAccount, or of `admin`."""
    return world.secret(f"cluster.{cluster}.{serviceaccount}")


def kubeconfig(world: World, cluster: str, serviceaccount: str, namespace: str | None = None) -> Json:
    """A kubeconfig as a dict (dump it as JSON or YAML): one cluster, one user, one context."""
    authority = base64.b64encode(certificate_authority(world)).decode()
    context = f"{serviceaccount}@{cluster}"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": cluster,
                "cluster": {"server": world.url(cluster), "certificate-authority-data": authority},
            }
        ],
        "users": [{"name": serviceaccount, "user": {"token": token(world, cluster, serviceaccount)}}],
        "contexts": [
            {
                "name": context,
                "context": {
                    "cluster": cluster,
                    "user": serviceaccount,
                    "namespace": namespace or NAMESPACE[cluster],
                },
            }
        ],
        "current-context": context,
    }

"""The clusters' starting state: what a namespace's pods need to pull images and reach the other systems."""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path

from sandbox.catalog import ClusterEntry, clusters
from sandbox.clusters.access import NAMESPACE, kubeconfig
from sandbox.seed.api import Api
from sandbox.seed.artifactory import artifactory_url
from sandbox.seed.say import say
from sandbox.world import World

PULL_SECRET = "harbor-pull"  # noqa: S105  # a name
WORKLOAD_SECRET = "hummingbird-workload"  # noqa: S105  # a name
DEPLOYS = ("notary", "apollo", "harbor")
REPORTS = ("gitlab", "artifactory")
CHECKS = ("notary", "harbor", *REPORTS)
MEASURES = ("metrics",)


def seed_clusters(
    world: World, notary_url: str, notary_public_key: str, metrics_dsn: str | None = None
) -> None:
    """Bring both Secrets of every namespace up to date, by server-side apply."""
    pull = {".dockerconfigjson": json.dumps(_docker_config(world))}
    for cluster, entry in clusters().items():
        files = _files(world, entry, notary_url, notary_public_key)
        if metrics_dsn is not None:
            files["metrics"] = {"dsn": metrics_dsn}
        workload = {f"{name}.json": json.dumps(files[name]) for name in _needed(entry) if name in files}
        access = kubeconfig(world, cluster, "admin")
        authority = base64.b64decode(access["clusters"][0]["cluster"]["certificate-authority-data"])
        bearer = {"Authorization": f"Bearer {access['users'][0]['user']['token']}"}
        with tempfile.TemporaryDirectory() as scratch:
            trusted = Path(scratch, "ca.crt")
            trusted.write_bytes(authority)
            with Api(world.url(cluster), headers=bearer, verify=str(trusted)) as api:
                _apply(api, cluster, PULL_SECRET, "kubernetes.io/dockerconfigjson", pull)
                _apply(api, cluster, WORKLOAD_SECRET, "Opaque", workload)


def _apply(api: Api, cluster: str, name: str, kind: str, content: dict[str, str]) -> None:
    namespace = NAMESPACE[cluster]
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": kind,
        "data": {key: base64.b64encode(text.encode()).decode() for key, text in content.items()},
    }
    answer = api.call(
        "PATCH",
        f"/api/v1/namespaces/{namespace}/secrets/{name}",
        data=json.dumps(secret).encode(),
        headers={"Content-Type": "application/apply-patch+yaml"},
        query={"fieldManager": "sandbox-seed", "force": "true"},
    )
    say(cluster, f"secret {namespace}/{name}", made=answer.status_code == 201)


def _needed(cluster: ClusterEntry) -> tuple[str, ...]:
    """Which files workloads are given; where suites run, they are checked out and their reports are kept."""
    if cluster.is_tooling:
        return (*CHECKS, *MEASURES)
    return (*DEPLOYS, *REPORTS) if cluster.runs_suites else DEPLOYS


def _files(
    world: World, cluster: ClusterEntry, notary_url: str, notary_public_key: str
) -> dict[str, dict[str, str]]:
    # Every environment of Apollo has its own configuration service; the sandbox tells them apart by path.
    config_url = f"{world.url('apollo-config')}/{cluster.apollo_env or ''}".rstrip("/")
    return {
        "notary": {"url": notary_url, "public_key": notary_public_key},
        "gitlab": {
            "url": world.url("gitlab"),
            "user": "platform",
            "token": world.secret("gitlab.platform"),
        },
        "harbor": {
            "url": world.url("harbor"),
            "user": "puller",
            "password": world.secret("harbor.puller"),
        },
        "artifactory": {
            "url": artifactory_url(world),
            "user": "platform",
            "token": world.secret("artifactory.platform"),
        },
        "apollo": {
            "url": world.url("apollo"),
            "token": world.secret("apollo.platform"),
            "config_url": config_url,
        },
    }


def _docker_config(world: World) -> dict[str, object]:
    user, password = "puller", world.secret("harbor.puller")
    registry = world.url("harbor").removeprefix("http://")
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"auths": {registry: {"username": user, "password": password, "auth": auth}}}

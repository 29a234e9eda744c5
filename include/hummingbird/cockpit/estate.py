"""What a cluster's namespace and its registry project hold, beside the ledger's word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hummingbird.clients.cluster import Cluster
from hummingbird.clients.harbor import Harbor
from hummingbird.cockpit.population import Standing
from hummingbird.core.artifact import PROVENANCE_TYPE, Image
from hummingbird.core.bundle import BundleComponent
from hummingbird.core.canonical import content_hash
from hummingbird.core.errors import NotFound

WARRANT = "hummingbird.dev/warrant"
REVISION = "deployment.kubernetes.io/revision"
CONFIG = "config"
"""Name of the volume that a component's configuration is mounted from."""
FILE = "application.properties"


def cluster_differences(cluster: Cluster, standing: Standing, environment: str) -> Iterator[str]:
    """A sentence for everything that runs and the ledger does not account for, and the other way round."""
    found = {one["metadata"]["name"]: one for one in cluster.deployments()}
    for name, carried in standing.serving.items():
        where = f"{cluster.name}: {name}"
        if name not in found:
            yield f"{where}: the ledger says that {carried.version} serves; there is no such Deployment"
            continue
        digest = digest_of(found[name])
        if digest != carried.image.digest:
            yield f"{where}: the ledger says {carried.image.digest[:19]}, the cluster runs {str(digest)[:19]}"
        yield from _configuration(cluster, found[name], where, carried, environment)
    for name, deployment in found.items():
        yield from _unknown(cluster.name, name, deployment, standing)
        yield from _history(cluster, name, deployment, standing)


def harbor_differences(
    harbor: Harbor,
    cluster: str,
    standing: Standing,
    repositories: list[str],
    provenance: Callable[[BundleComponent], set[bytes]],
) -> Iterator[str]:
    """A sentence for every digest that nobody promoted, and for what serves and is gone or unsigned."""
    for repository in repositories:
        promoted = standing.promoted.get(repository, set())
        for digest in harbor.digests(repository):
            if digest not in promoted:
                yield f"{cluster}: {repository}@{digest[:19]} lies in the registry and no row promoted it"
    for name, carried in standing.serving.items():
        for repository in repositories:
            if repository.partition("/")[2] != carried.image.repository.partition("/")[2]:
                continue
            image = Image(repository=repository, digest=carried.image.digest)
            where = f"{cluster}: {name}: {repository}@{image.digest[:19]}"
            if not harbor.exists(image):
                yield f"{where} serves and is gone from the registry: it cannot start anywhere else"
            elif not provenance(carried) & set(harbor.attached(image, PROVENANCE_TYPE)):
                yield f"{where} serves and its signed provenance is not attached to it"


def digest_of(workload: dict[str, Any]) -> str | None:
    """The digest of a Deployment's or ReplicaSet's only container, None where it is named by tag."""
    containers = workload["spec"]["template"]["spec"]["containers"]
    _, mark, digest = str(containers[0]["image"]).partition("@")
    return digest if mark and len(containers) == 1 else None


def _unknown(cluster: str, name: str, deployment: dict[str, Any], standing: Standing) -> Iterator[str]:
    where = f"{cluster}: {name}"
    warrant = (deployment["metadata"].get("annotations") or {}).get(WARRANT)
    if warrant is None:
        yield f"{where} was not brought by the platform: it names no warrant"
    elif warrant not in standing.warrants:
        yield f"{where} runs under warrant {warrant}, which no row says was used here"
    elif name not in standing.serving:
        yield f"{where} runs, and the ledger says that nothing of it serves here"


def _history(cluster: Cluster, name: str, deployment: dict[str, Any], standing: Standing) -> Iterator[str]:
    """What ran before, as far as the cluster remembers: also a change that was made by hand and undone."""
    selector = deployment["spec"]["selector"].get("matchLabels") or {}
    now, known = digest_of(deployment), standing.brought.get(name, set())
    for one in cluster.replica_sets(selector) if selector else []:
        digest = digest_of(one)
        if digest not in known and digest != now:
            revision = (one["metadata"].get("annotations") or {}).get(REVISION, "?")
            what = digest or "an image by tag"
            yield f"{cluster.name}: {name}: revision {revision} ran {what}; no row brought it"


def _configuration(
    cluster: Cluster, deployment: dict[str, Any], where: str, carried: BundleComponent, environment: str
) -> Iterator[str]:
    wanted = carried.configuration.get(environment)
    volumes = deployment["spec"]["template"]["spec"].get("volumes") or []
    name = next((one["configMap"]["name"] for one in volumes if one["name"] == CONFIG), None)
    try:
        text = cluster.config_map(name).get(FILE, "") if name else ""
    except NotFound:
        text = ""
    items = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if wanted is not None and content_hash(items) != wanted.sha256:
        yield f"{where}: the mounted configuration is not the one of bundle version {carried.version}"

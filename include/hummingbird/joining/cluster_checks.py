"""Every cluster: does it answer, and may the account do what starting pods there takes?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hummingbird.clients.cluster_rights import ClusterRights
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Cluster
from hummingbird.core.errors import Invalid
from hummingbird.joining.check import Check, asked, either, there
from hummingbird.joining.reach import Reach, Reaching

SYSTEM = "Kubernetes"
RIGHTS = (
    *(("pods", "", verb) for verb in ("create", "get", "list", "delete")),
    ("pods", "log", "get"),
    ("events", "", "list"),
)
"""Resource, subresource and verb: what Airflow's account needs in a namespace."""
WORKLOAD_SECRET = "hummingbird-workload"  # noqa: S105 - a name


def check_clusters(catalogue: Catalogue, reaching: Reaching) -> Iterator[Check]:
    """The tooling cluster and every cluster of an environment."""
    used = [catalogue.tooling.cluster, *(c for e in catalogue.environments.values() for c in e.clusters)]
    for name in dict.fromkeys(used):
        cluster = catalogue.clusters[name]
        mend = f"give connection {cluster.connection} a kubeconfig (extra kube_config) that reaches it"
        yield from asked(SYSTEM, name, mend, lambda c=cluster: _one(c, reaching(c.connection)))  # type: ignore[misc]


def _one(cluster: Cluster, reach: Reach) -> Iterator[Check]:
    image = str(reach.extra.get("toolbox_image", ""))
    subject, mend = (
        f"{cluster.name} toolbox image",
        f"set extra toolbox_image of {cluster.connection} by digest",
    )
    yield either(SYSTEM, subject, "@sha256:" in image, image, image or "is not named", mend)
    with ClusterRights(_kubeconfig(reach), cluster.name) as rights:
        yield there(SYSTEM, cluster.name, f"answers, {rights.version()}")
        refused = [_words(*right) for right in RIGHTS if not rights.may(cluster.namespace, *right)]
        told, lack = f"may start pods in {cluster.namespace}", f"may not {', '.join(refused)}"
        mend = f"bind a Role in namespace {cluster.namespace} to the connection's account"
        yield either(SYSTEM, f"{cluster.name} rights", not refused, told, lack, mend)
        for name in (WORKLOAD_SECRET, str(reach.extra.get("pull_secret", "harbor-pull"))):
            yield _secret(rights, cluster, name)


def _secret(rights: ClusterRights, cluster: Cluster, name: str) -> Check:
    subject = f"{cluster.name} Secret {name}"
    found = rights.has_secret(cluster.namespace, name)
    if found is None:
        return there(SYSTEM, subject, "is not for this account to see; a pod says it when it is missing")
    mend = f"create it in namespace {cluster.namespace} (CONTRIBUTING.md, A cluster)"
    return either(SYSTEM, subject, found, "is there", "is not there", mend)


def _kubeconfig(reach: Reach) -> dict[str, Any]:
    document = reach.extra.get("kube_config")
    try:
        found = json.loads(document) if isinstance(document, str) else document
    except ValueError as error:
        raise Invalid(f"extra kube_config is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise Invalid("extra kube_config holds no kubeconfig")
    return found


def _words(resource: str, subresource: str, verb: str) -> str:
    return f"{verb} {resource}/{subresource}" if subresource else f"{verb} {resource}"

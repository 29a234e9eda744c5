"""Airflow connections, as far as a start depends on them: they exist, and lead where no one can listen in."""

from __future__ import annotations

import json
from typing import Any

import yaml
from pydantic import Field

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.record import Record
from hummingbird.preflight.addresses import (
    address_problems,
    database_problems,
    extra_problems,
    kubeconfig_problems,
)

SYSTEMS = (
    "jira_default",
    "gitlab_default",
    "harbor_default",
    "artifactory_default",
    "apollo_default",
    "ledger_heads",
    "ledger_reader",
    "notary",
    "airflow_platform",
)
"""Connections that every installation has; each cluster of the catalogue names one more."""
_ADDRESSES = ("config_url", "pod_url")
_DATABASES = ("postgres", "postgresql")


class ConnectionFacts(Record):
    """A connection without its secret; `address` is `scheme://host:port`."""

    name: str
    kind: str
    address: str
    extra: dict[str, Any] = Field(repr=False)


def needed(catalogue: Catalogue) -> list[str]:
    """Ids of the connections that this catalogue's paths use."""
    return [*SYSTEMS, *sorted({cluster.connection for cluster in catalogue.clusters.values()})]


def connection_problems(connection: ConnectionFacts) -> list[str]:
    """What is wrong with a connection."""
    where = f"connection {connection.name}"
    if connection.kind == "kubernetes":
        return _cluster_problems(where, connection.extra)
    if connection.kind in _DATABASES:
        return database_problems(where, _host(connection), connection.extra.get("sslmode"))
    told = address_problems(where, connection.address)
    told += extra_problems(where, _host(connection).split("/")[0], connection.extra)
    for name in _ADDRESSES:
        if connection.extra.get(name):
            told += address_problems(f"{where}, extra {name}", str(connection.extra[name]))
    return told


def _host(connection: ConnectionFacts) -> str:
    place = connection.address.partition("://")[2]
    return place.rpartition(":")[0] or place


def _cluster_problems(where: str, extra: dict[str, Any]) -> list[str]:
    if _truth(extra.get("disable_verify_ssl")):
        return [f"{where} has disable_verify_ssl; remove it and give certificate-authority-data"]
    if _truth(extra.get("in_cluster")):
        return []
    document = extra.get("kube_config")
    if not document:
        return [f"{where} has no kube_config; give the kubeconfig of ServiceAccount airflow"]
    try:
        parsed = yaml.safe_load(document) if isinstance(document, str) else document
    except yaml.YAMLError:
        parsed = None
    if not isinstance(parsed, dict):
        return [f"{where}: kube_config is not a kubeconfig; give it as JSON or YAML"]
    told = kubeconfig_problems(f"{where}, kube_config", parsed)
    image = str(extra.get("toolbox_image") or "")
    if image and "@sha256:" not in image:
        told.append(f"{where}: toolbox_image names a tag; name the image by digest (name@sha256:…)")
    return told


def _truth(value: object) -> bool:
    return json.dumps(value).strip('"').casefold() in ("true", "1", "yes", "on")

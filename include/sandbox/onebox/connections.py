"""Airflow's connections here: airflow_settings.yaml with the sandbox's addresses and secrets put in."""

from __future__ import annotations

import json
from typing import Any

import yaml

from sandbox.catalog import clusters
from sandbox.clusters.access import kubeconfig
from sandbox.onebox.place import Place, write_private
from sandbox.seed.clusters import PULL_SECRET

SYSTEMS = {
    "jira_default": "jira",
    "gitlab_default": "gitlab",
    "harbor_default": "harbor",
    "artifactory_default": "artifactory",
    "apollo_default": "apollo",
    "ledger_heads": "gitlab",
}
POD_CREATOR = "airflow"
"""The ServiceAccount that Airflow starts pods with."""


def read_settings(place: Place) -> dict[str, dict[str, Any]]:
    """airflow_settings.yaml's connections in the words of Airflow's own connection files, by id."""
    document = yaml.safe_load((place.repository / "airflow_settings.yaml").read_text("utf-8"))
    found: dict[str, dict[str, Any]] = {}
    for entry in document["airflow"]["connections"]:
        identity, kind = entry.pop("conn_id"), entry.pop("conn_type")
        rest = {name.removeprefix("conn_"): value for name, value in entry.items()}
        found[identity] = {"conn_type": kind, **rest}
    return found


def connections(place: Place, toolbox_image: str | None) -> dict[str, dict[str, Any]]:
    """All connections as LocalFilesystemBackend reads them."""
    world = place.world
    found = read_settings(place)
    for name, system in SYSTEMS.items():
        found[name].update(host=world.url(system), password=world.secret(f"{system}.platform"))
    found["apollo_default"]["extra"] = {"config_url": world.url("apollo-config")}
    found["notary"].update(host=place.notary_url, password=world.secret("notary.tasks"))
    found["airflow_platform"].update(host=place.airflow_url, password=world.secret("airflow.platform"))
    found["ledger_reader"].update(
        host=str(place.socket_folder()), password=world.secret("postgres.ledger_reader"), extra={}
    )
    for cluster, entry in clusters().items():
        declared = found.setdefault(entry.connection, {"conn_type": "kubernetes"})
        extra = declared.setdefault("extra", {"namespace": entry.namespace, "pull_secret": PULL_SECRET})
        extra["kube_config"] = json.dumps(kubeconfig(world, cluster, POD_CREATOR, extra["namespace"]))
        if toolbox_image:
            extra["toolbox_image"] = toolbox_image
    return found


def write_connections(place: Place) -> None:
    """Write the secrets backend's file, with the toolbox image's digest when it is known."""
    image = None
    if place.toolbox_digest_file.exists():
        digest = place.toolbox_digest_file.read_text("utf-8").strip()
        registry = place.world.url("harbor").removeprefix("http://")
        image = f"{registry}/platform/toolbox@{digest}"
    write_private(place.secrets / "connections.json", json.dumps(connections(place, image), indent=1))

"""What the catalogue says about clusters, read from its YAML files: the sandbox stands in for each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[1] / "catalog"


@dataclass(frozen=True)
class ClusterEntry:
    """One entry of clusters.yaml, with what environments.yaml and gates.yaml say of it."""

    name: str
    connection: str
    namespace: str
    registry_project: str
    service_account: str
    apollo_cluster: str
    apollo_env: str | None
    """Apollo's environment that its programs read; None for a cluster that nothing is deployed to."""
    runs_suites: bool
    is_tooling: bool


@cache
def clusters() -> dict[str, ClusterEntry]:
    """Every cluster of the catalogue by name, in the file's order."""
    environments = _read("environments.yaml").values()
    tooling = _read("gates.yaml")["tooling"]["cluster"]
    found = {}
    for name, entry in _read("clusters.yaml").items():
        home = next((e for e in environments if name in _clusters_of(e)), None)
        found[name] = ClusterEntry(
            name=name,
            connection=entry["connection"],
            namespace=entry["namespace"],
            registry_project=entry["registry_project"],
            service_account=entry.get("service_account", "deployer"),
            apollo_cluster=entry.get("apollo_cluster", "default"),
            apollo_env=home["apollo_env"] if home else None,
            runs_suites=bool(home and home.get("suites") and _clusters_of(home)[0] == name),
            is_tooling=name == tooling,
        )
    return found


def _clusters_of(environment: dict[str, Any]) -> list[str]:
    return [name for wave in environment["waves"] for name in wave]


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return document

"""What is to be there, read from the catalogue's YAML: one entry more there needs no code here."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.seed.api import SeedError

SHIPPED = Path(__file__).parents[2] / "catalog"
FOLDERS = "HUMMINGBIRD_CATALOG"
"""Names the catalogue's folders, separated as PATH is; a later one adds entries."""


@dataclass(frozen=True)
class CatalogComponent:
    """A component as the outside systems need to know it."""

    name: str
    title: str
    group: str
    project: str
    """Name of its GitLab project, below the group."""
    language: str
    """Its first: whose base image its own is built on."""
    apollo_app: str


@dataclass(frozen=True)
class CatalogCluster:
    """A cluster as the outside systems need to know it."""

    name: str
    registry_project: str
    apollo_cluster: str
    apollo_environment: str | None
    """None where nothing is deployed."""


@dataclass(frozen=True)
class Catalog:
    """What the seed takes from the catalogue."""

    components: tuple[CatalogComponent, ...]
    clusters: tuple[CatalogCluster, ...]
    registry_projects: tuple[str, ...]

    @property
    def apollo_environments(self) -> tuple[str, ...]:
        """Apollo's environments that are deployed to."""
        found = (cluster.apollo_environment for cluster in self.clusters)
        return tuple(dict.fromkeys(name for name in found if name))

    def component(self, name: str) -> CatalogComponent:
        """A component by name; SeedError when the catalogue has none of that name."""
        for component in self.components:
            if component.name == name:
                return component
        raise SeedError(f"the catalogue has no component {name}")


def catalog_folders() -> list[Path]:
    """The folders that the environment names, else the shipped one."""
    named = os.environ.get(FOLDERS, "")
    return [Path(one) for one in named.split(os.pathsep) if one] or [SHIPPED]


def read_catalog(folders: Iterable[Path] | None = None) -> Catalog:
    """The catalogue of these folders; SeedError names file and entry of what is missing."""
    places = list(folders if folders is not None else catalog_folders())
    environments = _entries(places, "environments.yaml")
    by_cluster = {
        cluster: entry["apollo_env"]
        for entry in environments.values()
        for wave in entry["waves"]
        for cluster in wave
    }
    clusters = _entries(places, "clusters.yaml")
    projects = [entry["registry_project"] for entry in clusters.values()]
    return Catalog(
        components=tuple(
            _component(name, entry) for name, entry in _entries(places, "components.yaml").items()
        ),
        clusters=tuple(
            CatalogCluster(
                name=name,
                registry_project=entry["registry_project"],
                apollo_cluster=entry.get("apollo_cluster", "default"),
                apollo_environment=by_cluster.get(name),
            )
            for name, entry in clusters.items()
        ),
        registry_projects=tuple(dict.fromkeys(projects)),
    )


def _component(name: str, entry: dict[str, Any]) -> CatalogComponent:
    try:
        group, _, project = str(entry["gitlab_project"]).rpartition("/")
        return CatalogComponent(
            name=name,
            title=entry["title"],
            group=group,
            project=project,
            language=entry["languages"][0],
            apollo_app=entry["apollo"]["app"],
        )
    except (KeyError, IndexError) as error:
        raise SeedError(f"components.yaml: {name} lacks {error}") from error


def _entries(folders: Iterable[Path], file: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for folder in folders:
        path = folder / file
        if path.exists():
            found.update(yaml.safe_load(path.read_text("utf-8")) or {})
    return found

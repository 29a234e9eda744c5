"""The seed follows the catalogue: a component or cluster more there is one more everywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from sandbox.seed.api import SeedError
from sandbox.seed.catalog import SHIPPED, catalog_folders, read_catalog


def written(folder: Path, file: str, entries: dict[str, object]) -> Path:
    (folder / file).write_text(yaml.safe_dump(entries, allow_unicode=True), "utf-8")
    return folder


def test_the_shipped_catalogue_is_read() -> None:
    catalog = read_catalog([SHIPPED])
    gateway = catalog.component("order-gateway")
    assert (gateway.group, gateway.project, gateway.language) == ("trading", "order-gateway", "python")
    assert catalog.apollo_environments == ("DEV", "FAT", "PRO")
    assert {"platform", "trading-dev", "trading-test", "trading-prod-private"} <= set(
        catalog.registry_projects
    )
    tools = next(cluster for cluster in catalog.clusters if cluster.name == "tools")
    assert tools.apollo_environment is None


def test_a_cluster_more_is_known_with_its_registry_project_and_apollo_cluster(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path, dirs_exist_ok=True)
    clusters = yaml.safe_load((tmp_path / "clusters.yaml").read_text("utf-8"))
    clusters["far"] = {**clusters["dev"], "registry_project": "trading-far", "apollo_cluster": "far"}
    environments = yaml.safe_load((tmp_path / "environments.yaml").read_text("utf-8"))
    environments["prod"]["waves"].append(["far"])
    written(tmp_path, "clusters.yaml", clusters)
    catalog = read_catalog([written(tmp_path, "environments.yaml", environments)])
    far = next(cluster for cluster in catalog.clusters if cluster.name == "far")
    assert (far.apollo_cluster, far.apollo_environment) == ("far", "PRO")
    assert "trading-far" in catalog.registry_projects


def test_a_later_folder_adds_components(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"title": "x", "gitlab_project": "a/b/c", "languages": ["javascript"], "apollo": {"app": "c"}}
    written(tmp_path, "components.yaml", {"c": entry})
    monkeypatch.setenv("HUMMINGBIRD_CATALOG", f"{SHIPPED}:{tmp_path}")
    catalog = read_catalog()
    assert (catalog.component("c").group, catalog.component("c").project) == ("a/b", "c")
    assert catalog.component("order-gateway").title == "委托网关"


def test_without_a_word_the_shipped_catalogue_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUMMINGBIRD_CATALOG", raising=False)
    assert catalog_folders() == [SHIPPED]


def test_a_component_that_is_not_there_or_not_whole_is_named(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="no component nothing"):
        read_catalog([SHIPPED]).component("nothing")
    written(tmp_path, "components.yaml", {"c": {"title": "x", "gitlab_project": "a/c", "languages": []}})
    with pytest.raises(SeedError, match=r"components\.yaml: c"):
        read_catalog([tmp_path])

"""A second folder adds entries, seen without a restart; the same entry twice, or a bad baseline, is told."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from builders import CATALOGUE_FOLDER
from hummingbird.catalogue.current import CatalogueFolder
from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.errors import Invalid


@pytest.fixture
def more(tmp_path: Path) -> Path:
    folder = tmp_path / "more"
    folder.mkdir()
    return folder


def an_entry(name: str) -> dict[str, Any]:
    """A component like order-gateway, under another name."""
    components = yaml.safe_load((CATALOGUE_FOLDER / "components.yaml").read_text("utf-8"))
    alone = {key: value for key, value in components["order-gateway"].items() if key != "calls"}
    return {name: {**alone, "gitlab_project": f"trading/{name}"}}


def write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


def a_baseline(**changes: Any) -> dict[str, Any]:
    return {
        "commit": "1" * 40,
        "taken_at": "2026-11-22T00:00:00Z",
        "owner": "developer",
        "expires_at": "2027-02-20T00:00:00Z",
        "accepted_by": [{"person": "test_lead", "role": "test_lead", "at": "2026-11-22T01:00:00Z"}],
        "findings": [],
        **changes,
    }


def test_the_variable_is_a_list_as_in_path_and_the_project_s_own_folder_without_it() -> None:
    assert catalogue_folders({"HUMMINGBIRD_CATALOG": "/a:/b"}) == (Path("/a"), Path("/b"))
    assert catalogue_folders({}) == (CATALOGUE_FOLDER,)


def test_a_later_folder_adds_a_component_and_its_baseline(more: Path) -> None:
    write(more / "components.yaml", an_entry("fund-page"))
    write(more / "baselines" / "fund-page.yaml", a_baseline())
    catalogue = load_catalogue(CATALOGUE_FOLDER, more)
    assert catalogue.component("fund-page").gitlab_project == "trading/fund-page"
    assert catalogue.baselines["fund-page"].owner == "developer"
    assert catalogue.policy_version != load_catalogue(CATALOGUE_FOLDER).policy_version


def test_an_empty_later_folder_changes_nothing(more: Path) -> None:
    alone = load_catalogue(CATALOGUE_FOLDER).policy_version
    assert load_catalogue(CATALOGUE_FOLDER, more).policy_version == alone


def test_an_entry_that_is_added_while_the_notary_runs_is_seen(more: Path) -> None:
    policy = CatalogueFolder(CATALOGUE_FOLDER, more)
    assert "fund-page" not in policy.current().components
    write(more / "components.yaml", an_entry("fund-page"))
    assert "fund-page" in policy.current().components
    write(more / "baselines" / "fund-page.yaml", a_baseline())
    assert "fund-page" in policy.current().baselines


def test_the_same_entry_in_two_folders_is_told_with_both(more: Path) -> None:
    write(more / "components.yaml", an_entry("order-gateway"))
    with pytest.raises(Invalid, match=r"order-gateway of components is in two folders") as told:
        load_catalogue(CATALOGUE_FOLDER, more)
    assert str(more) in str(told.value)


def test_a_scalar_that_two_folders_set_is_told(more: Path) -> None:
    shutil.copy(CATALOGUE_FOLDER / "roles.yaml", more / "roles.yaml")
    (more / "roles.yaml").write_text("platform_account: other\n", "utf-8")
    with pytest.raises(Invalid, match="platform_account is set in another folder too"):
        load_catalogue(CATALOGUE_FOLDER, more)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="this folder of the catalogue is missing"):
        load_catalogue(CATALOGUE_FOLDER, tmp_path / "nowhere")


MISTAKES = [
    ({"owner": "nobody"}, "no person is named nobody"),
    ({"owner": "test_lead"}, "test_lead owns the baseline and cannot accept it"),
    ({"expires_at": "2027-02-21T00:00:01Z"}, "a baseline holds for 90 days at most"),
    (
        {"accepted_by": [{"person": "developer2", "role": "test_lead", "at": "2026-11-22T01:00:00Z"}]},
        "developer2 does not hold the role test_lead",
    ),
    ({"accepted_by": a_baseline()["accepted_by"] * 2}, "test_lead accepts twice"),
]


@pytest.mark.parametrize(("changes", "why"), MISTAKES)
def test_a_mistake_in_a_baseline_is_told_with_its_file(more: Path, changes: dict[str, Any], why: str) -> None:
    write(more / "components.yaml", an_entry("fund-page"))
    write(more / "baselines" / "fund-page.yaml", a_baseline(**changes))
    with pytest.raises(Invalid, match=r"fund-page\.yaml:\d+") as told:
        load_catalogue(CATALOGUE_FOLDER, more)
    assert why in str(told.value)


def test_a_baseline_of_no_component_is_told(more: Path) -> None:
    write(more / "baselines" / "ghost.yaml", a_baseline())
    with pytest.raises(Invalid, match="no component is named ghost"):
        load_catalogue(CATALOGUE_FOLDER, more)

"""The doctor over the real stand-ins: what is there is told, what is taken away is missing with its mend."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from builders import the_catalogue
from hummingbird.core.errors import NotFound
from hummingbird.joining.check import Check
from hummingbird.joining.cluster_checks import check_clusters
from hummingbird.joining.code_checks import check_code
from hummingbird.joining.doctor import HOOK, examine
from hummingbird.joining.reach import Reach
from sandbox.clusters.access import kubeconfig
from sandbox.seed.api import Api
from sandbox_world import SandboxWorld, sandbox_world

CATALOGUE = the_catalogue()
COMPONENT = CATALOGUE.component("order-gateway")
PROJECT = f"/api/v4/projects/{quote(COMPONENT.gitlab_project, safe='')}"
SYSTEMS = ("gitlab", "harbor", "artifactory", "jira", "apollo")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxWorld]:
    with sandbox_world(tmp_path_factory.mktemp("doctor")) as sandbox:
        yield sandbox.seeded(*SYSTEMS)


def reaching(place: SandboxWorld, **other: Reach) -> dict[str, Reach]:
    found = {
        f"{name}_default": Reach(
            url=place.url(name), user="platform", secret=place.secret(f"{name}.platform")
        )
        for name in SYSTEMS
    }
    return {**found, "notary": Reach(url="http://127.0.0.1:9"), **other}


def told(place: SandboxWorld, **other: Reach) -> list[Check]:
    known = reaching(place, **other)

    def reach(name: str) -> Reach:
        if name not in known:
            raise NotFound(f"there is no Airflow connection {name}")
        return known[name]

    return list(examine(CATALOGUE, COMPONENT, reach, datetime.now(UTC)))


def missing(checks: list[Check], system: str) -> list[str]:
    return [check.line for check in checks if check.system == system and not check.ok]


def test_a_component_that_the_seed_made_lacks_nothing_in_the_five_systems(place: SandboxWorld) -> None:
    checks = told(place)
    for system in ("catalogue", "GitLab", "Harbor", "Artifactory", "Jira", "Apollo"):
        assert missing(checks, system) == []
        assert any(check.system == system and check.ok for check in checks)


def test_a_system_that_does_not_answer_costs_its_own_lines_alone(place: SandboxWorld) -> None:
    checks = told(place)
    assert len(missing(checks, "notary")) == 1
    assert "there is no Airflow connection cluster_dev" in " ".join(missing(checks, "Kubernetes"))


def test_a_wrong_token_is_named_with_the_connection(place: SandboxWorld) -> None:
    wrong = Reach(url=place.url("gitlab"), user="platform", secret="wrong-token-of-nobody")
    lines = missing(told(place, gitlab_default=wrong), "GitLab")
    assert len(lines) == 1
    assert "give connection gitlab_default the address and a valid token" in lines[0]


def test_what_is_taken_away_from_the_project_is_missing_with_its_mend(place: SandboxWorld) -> None:
    token = place.secret("gitlab.administrator")
    reach = reaching(place)["gitlab_default"]
    with Api(place.url("gitlab"), headers={"PRIVATE-TOKEN": token}) as gitlab:
        hook = gitlab.call("GET", f"{PROJECT}/hooks").json()[0]
        gitlab.call("DELETE", f"{PROJECT}/hooks/{hook['id']}")
        gitlab.call("DELETE", f"{PROJECT}/protected_branches/{quote('hotfix/*', safe='')}")
        gitlab.call("PUT", PROJECT, {"ci_config_path": "delivery/gitlab-ci.yml"})
    lines = "\n".join(check.line for check in check_code(COMPONENT, reach, HOOK) if not check.ok)
    assert "webhook: none leads to /webhooks/gitlab; add one" in lines
    assert "open: hotfix/*; protect hotfix/*" in lines
    assert "delivery/gitlab-ci.yml: is not on develop (the pipeline)" in lines


def test_a_cluster_answers_what_the_account_may_do(place: SandboxWorld) -> None:
    place.seeded("clusters")

    def reach(account: str, name: str) -> Reach:
        document = json.dumps(kubeconfig(place.world, name, account, CATALOGUE.clusters[name].namespace))
        return Reach(url="", extra={"kube_config": document, "toolbox_image": "r/t@sha256:" + "a" * 64})

    by_connection = {cluster.connection: name for name, cluster in CATALOGUE.clusters.items()}
    able = list(check_clusters(CATALOGUE, lambda name: reach("airflow", by_connection[name])))
    assert [check.line for check in able if not check.ok] == []
    unable = list(check_clusters(CATALOGUE, lambda name: reach("operations", by_connection[name])))
    assert any("may not create pods" in check.told for check in unable)


def test_a_line_says_ok_or_missing_and_what_to_do() -> None:
    good = Check(system="Jira", subject="project HB", ok=True, told="is there")
    bad = Check(system="Jira", subject="project HB", ok=False, told="cannot be seen", mend="add the account")
    assert good.line == "ok       Jira         project HB: is there"
    assert bad.line == "missing  Jira         project HB: cannot be seen; add the account"


def test_no_secret_shows_in_a_reach() -> None:
    assert "hidden-value" not in repr(
        Reach(url="https://x", secret="hidden-value", extra={"a": "hidden-value"})
    )

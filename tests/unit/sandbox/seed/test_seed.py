"""The starting state, asked of the systems themselves after the seed has run twice."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ports import free_port_base
from sandbox.clusters.access import NAMESPACE, kubeconfig
from sandbox.seed.base_image import BASES, MANIFEST, base_image
from sandbox.world import CLUSTERS, PORTS, World

INCLUDE = Path(__file__).parents[4] / "include"
NOTARY = "http://127.0.0.1:1"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(INCLUDE)}


def seed(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox.seed", "--home", str(world.home)]
    command += ["--port-base", str(world.port_base), "--notary-url", NOTARY, "--notary-public-key", "a2V5"]
    return subprocess.run(
        [*command, *words], check=False, capture_output=True, env=ENVIRONMENT, text=True, timeout=60
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def world(home: Path) -> Iterator[World]:
    running = World(home=home, port_base=free_port_base(PORTS.values()))
    command = [sys.executable, "-m", "sandbox", "serve", *("jira", "gitlab", "harbor", "artifactory")]
    command += ["apollo", "clusters", "--home", str(home), "--port-base", str(running.port_base)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready")
        yield running
        process.terminate()


@pytest.fixture(scope="module")
def seeded(world: World) -> tuple[World, str]:
    first, second = seed(world), seed(world)
    assert first.returncode == 0, first.stderr
    assert second.returncode == 0, second.stderr
    assert " created  HB-101" in first.stdout
    return world, second.stdout


def gitlab(world: World, path: str) -> list[dict[str, Any]]:
    token = {"PRIVATE-TOKEN": world.secret("gitlab.administrator")}
    base = f"{world.url('gitlab')}/api/v4/projects/trading%2Forder-gateway"
    return list(requests.get(base + path, headers=token, timeout=30).json())


def test_a_second_run_makes_nothing_again(seeded: tuple[World, str]) -> None:
    assert "created" not in seeded[1]
    assert "present" in seeded[1]


def test_the_stories_are_there_in_their_statuses(seeded: tuple[World, str]) -> None:
    world = seeded[0]
    auth = ("auditor", world.secret("jira.auditor"))
    found = requests.get(f"{world.url('jira')}/rest/api/2/search", auth=auth, timeout=30).json()["issues"]
    statuses = {issue["key"]: issue["fields"]["status"]["name"] for issue in found}
    assert statuses == {
        "HB-101": "In Progress",
        "HB-102": "In Progress",
        "HB-103": "In Progress",
        "HB-104": "Closed",
        "OPS-7": "In Progress",
        "OPS-8": "Done",
        **{f"QA-{number}": "In Progress" for number in range(1, 7)},
    }


def test_the_project_has_history_rules_hook_and_variables(seeded: tuple[World, str]) -> None:
    world = seeded[0]
    branches = {one["name"]: one["commit"]["id"] for one in gitlab(world, "/repository/branches")}
    assert set(branches) == {"master", "develop"}
    assert branches["master"] == branches["develop"]
    assert [tag["name"] for tag in gitlab(world, "/repository/tags")] == ["v1.0.0"]
    (commit,) = gitlab(world, "/repository/commits")
    assert (commit["author_name"], commit["author_email"]) == ("陈晨", "developer@hummingbird.example")
    protected = {rule["name"] for rule in gitlab(world, "/protected_branches")}
    assert protected == {"master", "develop", "release/*", "hotfix/*"}
    (hook,) = gitlab(world, "/hooks")
    assert hook["url"] == f"{NOTARY}/webhooks/gitlab"
    triggers = ("push_events", "tag_push_events", "merge_requests_events", "pipeline_events")
    assert all(hook[name] for name in triggers)


def test_secrets_of_the_pipeline_are_masked_and_kept_from_feature_branches(seeded: tuple[World, str]) -> None:
    secret = {one["key"] for one in gitlab(seeded[0], "/variables") if one["masked"] and one["protected"]}
    assert secret == {"HARBOR_PASSWORD", "ARTIFACTORY_TOKEN"}


def test_the_cluster_can_pull_the_base_images_with_its_pull_secret(seeded: tuple[World, str]) -> None:
    world = seeded[0]
    for cluster in CLUSTERS:
        config = json.loads(secret(world, cluster, "harbor-pull")[".dockerconfigjson"])
        account = config["auths"][world.url("harbor").removeprefix("http://")]
        for base in BASES.values():
            answer = requests.head(
                f"{world.url('harbor')}/v2/{base.repository}/manifests/{base_image(base).digest}",
                auth=(account["username"], account["password"]),
                headers={"Accept": MANIFEST},
                timeout=30,
            )
            assert answer.status_code == 200


def test_workloads_get_what_their_cluster_needs_and_no_more(seeded: tuple[World, str]) -> None:
    world = seeded[0]
    files = {cluster: set(secret(world, cluster, "hummingbird-workload")) for cluster in CLUSTERS}
    assert "apollo.json" not in files["tools"]
    assert files["prod-private"] == {"notary.json", "apollo.json", "harbor.json"}
    assert json.loads(secret(world, "test", "hummingbird-workload")["harbor.json"])["user"] == "puller"
    assert all("notary.json" in names for names in files.values())
    config = json.loads(secret(world, "prod-private", "hummingbird-workload")["apollo.json"])["config_url"]
    assert config.endswith("/PRO")


def test_apollo_knows_the_application_and_has_released_nothing(seeded: tuple[World, str]) -> None:
    world = seeded[0]
    token = {"Authorization": world.secret("apollo.platform")}
    found = requests.get(
        f"{world.url('apollo')}/openapi/v1/apps/order-gateway/envclusters", headers=token, timeout=30
    ).json()
    assert {one["env"] for one in found} == {"DEV", "FAT", "PRO"}
    config = requests.get(
        f"{world.url('apollo-config')}/PRO/configs/order-gateway/default/application", timeout=30
    )
    assert config.status_code == 404


def test_a_system_that_is_not_there_stops_the_seed_with_a_sentence(home: Path) -> None:
    nowhere = World(home=home, port_base=free_port_base(PORTS.values()))
    done = seed(nowhere, "--only", "jira")
    assert done.returncode == 1
    assert done.stderr.startswith("seeding stopped: GET http://127.0.0.1")
    assert "Traceback" not in done.stderr


def secret(world: World, cluster: str, name: str) -> dict[str, str]:
    access = kubeconfig(world, cluster, "admin")
    authority = world.home / f"{cluster}.crt"
    authority.write_bytes(base64.b64decode(access["clusters"][0]["cluster"]["certificate-authority-data"]))
    answer = requests.get(
        f"{world.url(cluster)}/api/v1/namespaces/{NAMESPACE[cluster]}/secrets/{name}",
        headers={"Authorization": f"Bearer {access['users'][0]['user']['token']}"},
        verify=str(authority),
        timeout=30,
    )
    return {key: base64.b64decode(text).decode() for key, text in answer.json()["data"].items()}

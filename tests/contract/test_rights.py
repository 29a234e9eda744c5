"""The documented rights are the ones that the deployment uses: each one is, and none is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from contract.deploy_world import DeployWorld
from hummingbird.core.deployment import DeployOutcome
from sandbox.clusters.api.call import parse
from sandbox.clusters.rbac import rules_of
from sandbox_world import SandboxWorld

PRODUCTION = Path(__file__).parents[2] / "docs" / "production"
ASKED_BY_APPLY = {(kind, "create") for kind in ("deployments.apps", "services", "configmaps")}
"""A real API server asks for create too when server-side apply makes an object; the stand-in does not."""
Rights = set[tuple[str, str]]


def documented(file: str, role: str) -> Rights:
    """(resource, verb) of every rule of a Role."""
    documents: list[dict[str, Any]] = list(yaml.safe_load_all((PRODUCTION / file).read_text("utf-8")))
    (found,) = [d for d in documents if d["kind"] == "Role" and d["metadata"]["name"] == role]
    return {
        (_qualified(resource, group), verb)
        for rule in found["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def _qualified(resource: str, group: str) -> str:
    plural, slash, subresource = resource.partition("/")
    return f"{plural}.{group}{slash}{subresource}" if group else resource


def used(log: Path, account: str) -> Rights:
    """(resource, verb) of every call that a ServiceAccount was allowed, from a cluster's access log."""
    found = set()
    for line in log.read_text("utf-8").splitlines():
        _, _, _, user, method, target, status = line.split()[:7]
        parts = urlsplit(target)
        call = parse(method, parts.path, dict(parse_qsl(parts.query)))
        if call is not None and user.endswith(f":{account}") and status not in ("401", "403"):
            found.add((call.right, call.verb))
    return found


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployWorld]:
    with pytest.MonkeyPatch.context() as environ:
        made = DeployWorld(sandbox, tmp_path_factory.mktemp("deploy"), environ)
        yield made
        made.cluster.close()


def test_a_deployment_and_its_way_back_use_every_right_and_no_other(world: DeployWorld) -> None:
    first = world.bundle(world.image("first"))
    bad = world.bundle(world.image("unready", ready=False), commit="2")
    assert world.deploy(world.job(first)).outcome is DeployOutcome.DEPLOYED
    assert world.deploy(world.job(bad, first)).outcome is DeployOutcome.ROLLED_BACK
    log = world.sandbox.world.home / "sandbox" / "clusters" / "access.log"
    rights = documented("rbac-target.yaml", "hummingbird-deployer")
    assert used(log, "deployer") | ASKED_BY_APPLY == rights


@pytest.mark.parametrize(
    ("cluster", "namespace", "account", "file", "role"),
    [
        ("dev", "trading", "deployer", "rbac-target.yaml", "hummingbird-deployer"),
        ("dev", "trading", "airflow", "rbac-target.yaml", "hummingbird-pods"),
        ("tools", "hummingbird", "airflow", "rbac-tools.yaml", "hummingbird-pods"),
    ],
)
def test_the_stand_in_s_clusters_give_exactly_the_documented_rights(
    cluster: str, namespace: str, account: str, file: str, role: str
) -> None:
    given = {
        (resource, verb)
        for rule in rules_of(cluster, namespace, account)
        for resource in rule.resources
        for verb in rule.verbs
    }
    assert given == documented(file, role)


def test_scan_pods_have_no_right() -> None:
    assert rules_of("tools", "hummingbird", "worker") == ()
    documents = list(yaml.safe_load_all((PRODUCTION / "rbac-tools.yaml").read_text("utf-8")))
    bound = [s["name"] for d in documents if d["kind"] == "RoleBinding" for s in d["subjects"]]
    assert bound == ["airflow"]

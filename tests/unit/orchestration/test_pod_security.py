"""No workload's pod has a privilege: Kubernetes' profile `restricted` takes them all."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes.client import ApiClient

from builders import the_catalogue
from hummingbird.core.job import ScanJob
from hummingbird.core.story import story_key
from hummingbird.orchestration import pods
from leaks import Hunt
from pod_security import violations

CATALOGUE = the_catalogue()
JOB = ScanJob(
    story=story_key("HB-101"),
    component=CATALOGUE.component("order-gateway"),
    commit="1" * 40,
    mode="full",
    scanners=["semgrep"],
    report_repository="reports-local",
)


SECRETS = {"cluster": "tok-9f8e7d6c5b4a3210", "notary": "tasks-0a1b2c3d4e5f6789"}
"""What the connections hold that the pod is made with."""


@pytest.fixture
def spec(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A workload's pod as it is sent to the API server."""
    extra = {
        "toolbox_image": "registry.example.com/platform/toolbox@sha256:" + "a" * 64,
        "kube_config": json.dumps({"users": [{"name": "airflow", "user": {"token": SECRETS["cluster"]}}]}),
    }
    found = SimpleNamespace(extra_dejson=extra, password=SECRETS["notary"], login="tasks")
    connections = SimpleNamespace(get=lambda name: found)
    monkeypatch.setattr("hummingbird.orchestration.pods.Connection", connections)
    monkeypatch.setattr(pods, "address", lambda connection: "https://notary.example.com")
    monkeypatch.setattr("hummingbird.orchestration.pods.wiring.catalogue", lambda: CATALOGUE)
    cluster = CATALOGUE.clusters[CATALOGUE.tooling.cluster]
    work = pods.Work(cluster=cluster, job=JOB, sentence="scan")
    operator = pods.WorkloadPod(task_id="scan", work=lambda part: work)
    operator.__dict__["hook"] = SimpleNamespace(is_in_cluster=False, get_namespace=lambda: "trading")
    operator._job = "b" * 64
    operator._place(work)
    built = ApiClient().sanitize_for_serialization(operator.build_pod_request_obj())
    return dict(built["spec"])


def test_a_workload_s_pod_is_taken_by_a_namespace_that_enforces_restricted(spec: dict[str, Any]) -> None:
    assert violations(spec) == []
    container = spec["containers"][0]
    assert "@sha256:" in container["image"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["resources"]["limits"]


def test_a_workload_s_pod_carries_no_secret_of_a_connection_in_environment_arguments_or_labels(
    spec: dict[str, Any],
) -> None:
    assert Hunt(SECRETS).in_text(json.dumps(spec).encode()) == set()
    environment = {each["name"]: each.get("value") for each in spec["containers"][0]["env"]}
    assert set(environment) == {"HB_NOTARY_URL", "HB_SECRETS", "HB_SERVICEACCOUNT", "TMPDIR", "HOME"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hostNetwork": True}, "hostNetwork"),
        ({"volumes": [{"name": "h", "hostPath": {"path": "/"}}]}, "volume hostPath"),
        ({"securityContext": {"runAsNonRoot": True, "runAsUser": 0}}, "runAsUser"),
        ({"securityContext": {"runAsNonRoot": True}}, "seccompProfile"),
    ],
)
def test_the_check_itself_finds_what_it_is_for(spec: dict[str, Any], change: Any, named: str) -> None:
    assert named in violations(spec | change)
    bold = {**spec["containers"][0], "securityContext": {"privileged": True}}
    assert {"privileged", "allowPrivilegeEscalation", "capabilities"} <= set(
        violations(spec | {"containers": [bold]})
    )

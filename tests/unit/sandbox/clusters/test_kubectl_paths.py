"""The real kubectl against a sandbox cluster: the ways that people take beside server-side apply."""

from __future__ import annotations

import json
from typing import Any

import pytest

from unit.sandbox.clusters.kubectl import Kubectl
from unit.sandbox.clusters.registry import TestRegistry, layer
from unit.sandbox.clusters.running import Running, pod
from unit.sandbox.clusters.web import SERVER, SERVICE, deployment
from waiting import until


@pytest.fixture
def image(registry: TestRegistry) -> str:
    return registry.put("trading/web", layer(("app/serve.py", SERVER)))


def listed(*items: dict[str, Any]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)})


def settings(**data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": data}


def apply(kubectl: Kubectl, *items: dict[str, Any]) -> list[str]:
    done = kubectl("apply", "-f", "-", stdin=listed(*items))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_list_is_applied_by_the_client_and_only_differences_change(kubectl: Kubectl, image: str) -> None:
    web = deployment(image, "1", replicas=0)
    assert apply(kubectl, web, SERVICE, settings(a="1", b="2")) == [
        "deployment.apps/web created",
        "service/web created",
        "configmap/web created",
    ]
    assert apply(kubectl, web, SERVICE, settings(a="1", c="3")) == [
        "deployment.apps/web unchanged",
        "service/web unchanged",
        "configmap/web configured",
    ]
    kept = json.loads(kubectl("get", "configmap", "web", "-o", "json").stdout)
    assert kept["data"] == {"a": "1", "c": "3"}
    assert "kubectl.kubernetes.io/last-applied-configuration" in kept["metadata"]["annotations"]
    gone = kubectl("delete", "-f", "-", stdin=listed(web, SERVICE, settings()))
    assert gone.returncode == 0, gone.stderr
    assert 'service "web" deleted' in gone.stdout


def test_a_rollout_is_followed_shown_and_undone(kubectl: Kubectl, image: str) -> None:
    for version in ("1", "2"):
        apply(kubectl, deployment(image, version, replicas=1), SERVICE)
        rolled = kubectl("rollout", "status", "deployment/web", "--timeout=60s")
        assert 'deployment "web" successfully rolled out' in rolled.stdout, rolled.stderr
    history = kubectl("rollout", "history", "deployment/web")
    assert [line.split()[0] for line in history.stdout.splitlines()[2:] if line] == ["1", "2"]
    shown = kubectl("get", "deployment,replicaset,service,pod", "-o", "wide").stdout
    for column in ("CONTAINERS", "SELECTOR", "EXTERNAL-IP", "NOMINATED NODE"):
        assert column in shown
    undone = kubectl("rollout", "undo", "deployment/web")
    assert "deployment.apps/web rolled back" in undone.stdout, undone.stderr
    assert kubectl("rollout", "status", "deployment/web", "--timeout=60s").returncode == 0
    path = "jsonpath={.spec.template.spec.containers[0].env[0].value}"
    assert kubectl("get", "deployment", "web", "-o", path).stdout == "1"


def test_things_are_described_with_their_events(kubectl: Kubectl, image: str) -> None:
    apply(kubectl, deployment(image, "1", replicas=1), SERVICE)
    assert kubectl("rollout", "status", "deployment/web", "--timeout=60s").returncode == 0
    told = {
        kind: kubectl("describe", kind, "-l", "app=web" if kind != "service" else "", account="operations")
        for kind in ("deployment", "replicaset", "pod")
    }
    told["service"] = kubectl("describe", "service", "web", account="operations")
    for kind, answer in told.items():
        assert answer.returncode == 0, (kind, answer.stderr)
    assert "1 desired | 1 updated | 1 total | 1 available | 0 unavailable" in told["deployment"].stdout
    assert "ScalingReplicaSet" in told["deployment"].stdout
    assert "Controlled By:  Deployment/web" in told["replicaset"].stdout
    assert "Ready             True" in told["pod"].stdout
    assert "Started" in told["pod"].stdout
    assert "TargetPort:               http/TCP" in told["service"].stdout


def test_a_log_is_followed_until_the_program_ends(running: Running, kubectl: Kubectl) -> None:
    running.core().create_namespaced_pod("trading", pod("talk", "sh", "-c", "echo one; sleep 1; echo two"))
    until(lambda: running.core().read_namespaced_pod("talk", "trading").status.phase != "Pending")
    followed = kubectl("logs", "-f", "talk", account="operations")
    assert followed.stdout == "one\ntwo\n", followed.stderr


def test_a_wait_and_a_watch_end_with_what_was_waited_for(running: Running, kubectl: Kubectl) -> None:
    running.core().create_namespaced_pod("trading", pod("done", "true"))
    waited = kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/done", "--timeout=30s")
    assert waited.stdout == "pod/done condition met\n", waited.stderr


def test_labels_scale_and_restart_change_what_they_name(kubectl: Kubectl, image: str) -> None:
    apply(kubectl, deployment(image, "1", replicas=0))
    for command, said in (
        (("label", "deployment", "web", "team=trading"), "deployment.apps/web labeled"),
        (("annotate", "deployment", "web", "by=hand"), "deployment.apps/web annotated"),
        (("scale", "deployment", "web", "--replicas=1"), "deployment.apps/web scaled"),
        (("rollout", "restart", "deployment/web"), "deployment.apps/web restarted"),
    ):
        done = kubectl(*command)
        assert done.stdout.strip() == said, done.stderr


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (("port-forward", "pod/talk", "0:80"), "portforward"),
        (("attach", "talk"), "attach"),
    ],
)
def test_what_is_not_served_is_named(
    running: Running, kubectl: Kubectl, command: tuple[str, ...], named: str
) -> None:
    running.core().create_namespaced_pod(
        "trading", pod("talk", "sh", "-c", "sleep 60", terminationGracePeriodSeconds=1)
    )
    until(lambda: running.core().read_namespaced_pod("talk", "trading").status.phase == "Running")
    answer = kubectl(*command)
    assert answer.returncode != 0
    assert f"does not serve POST /api/v1/namespaces/trading/pods/talk/{named}" in answer.stderr

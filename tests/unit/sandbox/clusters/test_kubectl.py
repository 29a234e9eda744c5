"""The real kubectl against a sandbox cluster: what a person does."""

from __future__ import annotations

import json

from unit.sandbox.clusters.kubectl import Kubectl
from unit.sandbox.clusters.registry import TestRegistry, layer
from unit.sandbox.clusters.running import Running, pod
from unit.sandbox.clusters.web import SERVER, SERVICE, deployment
from waiting import until


def test_a_person_sees_reads_and_deletes_pods(running: Running, kubectl: Kubectl) -> None:
    running.core().create_namespaced_pod(
        "trading", pod("talk", "sh", "-c", "echo hello; sleep 60", terminationGracePeriodSeconds=1)
    )
    until(lambda: running.core().read_namespaced_pod("talk", "trading").status.phase == "Running")
    listed = kubectl("get", "pods", account="operations")
    assert listed.stdout.splitlines()[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert listed.stdout.splitlines()[1].split()[:4] == ["talk", "1/1", "Running", "0"]
    assert kubectl("logs", "talk", account="operations").stdout == "hello\n"
    assert kubectl("exec", "talk", "--", "echo", "from", "inside").stdout == "from inside\n"
    gone = kubectl("delete", "pod", "talk", account="operations")
    assert gone.returncode == 0, gone.stderr
    assert 'pod "talk" deleted' in gone.stdout
    assert "No resources found" in kubectl("get", "pods").stderr
    missing = kubectl("get", "pod", "talk")
    assert missing.stderr == 'Error from server (NotFound): pods "talk" not found\n'


def test_a_person_may_not_do_what_the_role_does_not_say(running: Running, kubectl: Kubectl) -> None:
    refused = kubectl("get", "secrets", account="operations")
    assert "Error from server (Forbidden): secrets is forbidden" in refused.stderr
    assert 'cannot list resource "secrets"' in refused.stderr


def test_a_call_that_is_not_served_is_named(running: Running, kubectl: Kubectl) -> None:
    answer = kubectl("get", "--raw", "/apis/batch/v1/namespaces/trading/jobs")
    assert "does not serve GET /apis/batch/v1/namespaces/trading/jobs" in answer.stderr


def test_server_side_apply_rolls_out_and_conflicts_are_told(
    running: Running, kubectl: Kubectl, registry: TestRegistry
) -> None:
    image = registry.put("trading/web", layer(("app/serve.py", SERVER)))
    first = "\n---\n".join(json.dumps(each) for each in (deployment(image, "1", replicas=1), SERVICE))
    applied = kubectl(
        "apply", "--server-side", "--field-manager=hummingbird", "-f", "-", account="admin", stdin=first
    )
    assert applied.returncode == 0, applied.stderr
    assert "deployment.apps/web serverside-applied" in applied.stdout
    rolled = kubectl("rollout", "status", "deployment/web", "--timeout=30s", account="admin")
    assert rolled.stdout.splitlines()[-1:] == ['deployment "web" successfully rolled out'], rolled.stderr
    second = json.dumps(deployment(image, "2", replicas=1))
    refused = kubectl(
        "apply", "--server-side", "--field-manager=other", "-f", "-", account="admin", stdin=second
    )
    assert refused.returncode == 1
    assert (
        'conflict with "hummingbird": .spec.template.spec.containers[name="web"].env[name="V"].value'
        in refused.stderr
    )
    forced = kubectl(
        "apply",
        "--server-side",
        "--force-conflicts",
        "--field-manager=other",
        "-f",
        "-",
        account="admin",
        stdin=second,
    )
    assert forced.returncode == 0, forced.stderr
    again = kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    assert "successfully rolled out" in again.stdout
    for kind in (
        "deployments",
        "replicasets",
        "services",
        "events",
        "configmaps",
        "namespaces",
        "serviceaccounts",
    ):
        assert kubectl("get", kind, "-o", "wide").returncode == 0

"""Pods run as processes: refused, followed, deleted, started again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kubernetes import client

from unit.sandbox.clusters.pod_ends import waiting
from unit.sandbox.clusters.running import Running, pod
from waiting import until


@pytest.mark.parametrize(
    "spec",
    [
        {"hostNetwork": True},
        {"volumes": [{"name": "h", "hostPath": {"path": "/"}}]},
        {"container": {"securityContext": {"privileged": True}}},
    ],
)
def test_a_pod_that_wants_the_host_is_refused(running: Running, spec: dict[str, Any]) -> None:
    with pytest.raises(client.ApiException) as refused:
        running.core().create_namespaced_pod("trading", pod("bold", "true", **spec))
    assert refused.value.status == 403
    assert "violates PodSecurity" in json.loads(refused.value.body)["message"]


def test_logs_are_followed_dated_and_cut(running: Running) -> None:
    core = running.core()
    core.create_namespaced_pod(
        "trading", pod("talk", "sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.2; done; printf end")
    )
    until(lambda: core.read_namespaced_pod("talk", "trading").status.phase == "Running")
    lines = core.read_namespaced_pod_log(
        "talk", "trading", follow=True, timestamps=True, _preload_content=False
    )
    text = lines.data.decode().splitlines()
    assert [each.partition(" ")[2] for each in text] == ["line 1", "line 2", "line 3", "end"]
    assert text[0][:2] == "20"
    last = core.read_namespaced_pod_log("talk", "trading", tail_lines=1, _preload_content=False)
    assert last.data == b"end"
    assert core.read_namespaced_pod_log("talk", "trading", since_seconds=3600)
    for name, told in (("zz", "container zz is not valid for pod talk"),):
        with pytest.raises(client.ApiException) as refused:
            core.read_namespaced_pod_log("talk", "trading", container=name)
        assert (refused.value.status, json.loads(refused.value.body)["message"]) == (400, told)
    with pytest.raises(client.ApiException) as missing:
        core.read_namespaced_pod_log("nosuch", "trading")
    assert missing.value.status == 404


def test_a_deleted_pod_is_asked_to_end_and_then_gone(running: Running) -> None:
    core = running.core()
    script = "trap 'echo asked; exit 0' TERM; while true; do sleep 0.1; done"
    core.create_namespaced_pod("trading", pod("slow", "sh", "-c", script))
    until(lambda: core.read_namespaced_pod("slow", "trading").status.phase == "Running")
    answer = core.delete_namespaced_pod("slow", "trading")
    assert answer.metadata.deletion_timestamp

    def gone() -> bool:
        try:
            core.read_namespaced_pod("slow", "trading")
        except client.ApiException as problem:
            return bool(problem.status == 404)
        return False

    until(gone)
    with pytest.raises(client.ApiException) as missing:
        core.delete_namespaced_pod("slow", "trading")
    assert missing.value.status == 404


def test_a_container_that_fails_is_started_again_with_a_pause(running: Running) -> None:
    core = running.core()
    body = pod("again", "sh", "-c", "exit 1", restartPolicy="Always")
    found = waiting(core, body, "CrashLoopBackOff")
    status = found["status"]["containerStatuses"][0]
    assert status["restartCount"] >= 1
    assert status["lastState"]["terminated"]["exitCode"] == 1
    uid = found["metadata"]["uid"]
    told = f"back-off 10s restarting failed container=base pod=again_trading({uid})"
    assert status["state"]["waiting"]["message"] == told
    assert found["status"]["phase"] == "Running"


def test_a_failed_liveness_probe_restarts_the_container(running: Running) -> None:
    core = running.core()
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 1}
    body = pod("ill", "sleep", "60", container={"livenessProbe": probe}, restartPolicy="Always")
    core.create_namespaced_pod("trading", body)
    until(lambda: core.read_namespaced_pod("ill", "trading").status.container_statuses[0].restart_count)
    told = {each.message for each in core.list_namespaced_event("trading").items}
    assert "Container base failed liveness probe, will be restarted" in told
    assert "Liveness probe failed: " in told

"""Pods that are evicted, killed for their memory or deleted by somebody, as Kubernetes shows them."""

from __future__ import annotations

from typing import Any

from kubernetes import client

from faulty import applied, fault
from unit.sandbox.clusters.running import Running, pod
from waiting import until

SLEEPS = ("sh", "-c", "echo begun; exec sleep 60")


def _status(running: Running, name: str) -> Any:
    return running.core().read_namespaced_pod(name, "trading").status


def test_an_evicted_pod_failed_by_the_node_and_is_not_started_again(running: Running) -> None:
    with fault(running.world, "dev", "pod_evicted", {"path": "trading/tired", "count": 1}) as made:
        running.core().create_namespaced_pod("trading", pod("tired", *SLEEPS, restartPolicy="Always"))
        until(lambda: _status(running, "tired").phase == "Failed")
    status = _status(running, "tired")
    assert status.reason == "Evicted"
    assert status.message.startswith("The node was low on resource: memory.")
    assert {each.type: each.reason for each in status.conditions}[
        "DisruptionTarget"
    ] == "TerminationByKubelet"
    events = running.core().list_namespaced_event("trading", field_selector="involvedObject.name=tired").items
    assert "Evicted" in {each.reason for each in events}
    until(lambda: _status(running, "tired").container_statuses[0].state.terminated is not None)
    assert _status(running, "tired").container_statuses[0].restart_count == 0
    assert len(applied(running.world, made)) == 1


def test_a_container_out_of_memory_ends_with_137_and_its_reason(running: Running) -> None:
    with fault(running.world, "dev", "pod_oom", {"path": "greedy"}):
        running.core().create_namespaced_pod("trading", pod("greedy", *SLEEPS))
        until(lambda: _status(running, "greedy").phase == "Failed")
    ended = _status(running, "greedy").container_statuses[0].state.terminated
    assert (ended.exit_code, ended.reason) == (137, "OOMKilled")


def test_a_pod_that_runs_when_the_rule_is_set_is_deleted_and_others_are_left(running: Running) -> None:
    core = running.core()
    for name in ("goes", "stays"):
        core.create_namespaced_pod("trading", pod(name, *SLEEPS))
    until(lambda: all(_status(running, name).phase == "Running" for name in ("goes", "stays")))
    with fault(running.world, "dev", "pod_deleted", {"path": "trading/goes"}):
        until(lambda: _gone(core, "goes"))
    assert _status(running, "stays").phase == "Running"


def test_a_memory_limit_is_enforced_without_any_rule(running: Running) -> None:
    eater = "import time; held = bytearray(200 << 20); time.sleep(60)"
    body = pod("eater", "python3", "-c", eater)
    body["spec"]["containers"][0]["resources"] = {"limits": {"memory": "64Mi"}}
    running.core().create_namespaced_pod("trading", body)
    until(lambda: _status(running, "eater").phase == "Failed")
    ended = _status(running, "eater").container_statuses[0].state.terminated
    assert (ended.exit_code, ended.reason) == (137, "OOMKilled")


def _gone(core: Any, name: str) -> bool:
    try:
        core.read_namespaced_pod(name, "trading")
    except client.ApiException as problem:
        return bool(problem.status == 404)
    return False

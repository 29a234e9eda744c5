"""Pods have the status and the events that a real API server was recorded to tell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kubernetes import client

from unit.sandbox.clusters.pod_ends import ended, waiting
from unit.sandbox.clusters.running import Running, pod, recorded
from waiting import until


def shape(value: Any) -> Any:
    """The keys of nested objects, without their values; lists by their first member."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in sorted(value.items())}
    return [shape(value[0])] if isinstance(value, list) and value else None


def raw(core: client.CoreV1Api, name: str) -> dict[str, Any]:
    answer = core.read_namespaced_pod(name, "trading", _preload_content=False)
    return json.loads(answer.data)


@pytest.mark.parametrize(
    ("sample", "body"),
    [
        ("s-ok", pod("s-ok", "sh", "-c", "echo ok")),
        ("s-exit3", pod("s-exit3", "sh", "-c", "echo reason > /dev/termination-log; exit 3")),
        ("s-badcmd", pod("s-badcmd", "/nosuch")),
        (
            "s-init",
            pod(
                "s-init",
                "true",
                initContainers=[{"name": "i", "image": "busybox:1", "command": ["sh", "-c", "exit 4"]}],
            ),
        ),
        pytest.param(
            "s-deadline",
            pod("s-deadline", "sleep", "600", activeDeadlineSeconds=5, terminationGracePeriodSeconds=1),
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_finished_pod_has_the_status_of_the_recorded_one(
    running: Running, recordings: Any, sample: str, body: dict[str, Any]
) -> None:
    core = running.core()
    ended(core, body)
    if sample == "s-deadline":
        until(lambda: "terminated" in raw(core, sample)["status"]["containerStatuses"][0]["state"])
    own, true = raw(core, sample)["status"], recorded(recordings, sample)["status"]
    assert shape(own) == shape(true)
    for key in ("phase", "reason", "message"):
        assert own.get(key) == true.get(key)
    conditions = [(each["type"], each["status"], each.get("reason")) for each in own["conditions"]]
    assert conditions == [(each["type"], each["status"], each.get("reason")) for each in true["conditions"]]
    for kind in ("containerStatuses", "initContainerStatuses"):
        for mine, theirs in zip(own.get(kind, []), true.get(kind, []), strict=True):
            for state in mine["state"]:
                told = {key: mine["state"][state].get(key) for key in ("reason", "message", "exitCode")}
                code = theirs["state"][state].get("exitCode")
                # A process that heeds SIGTERM ends with 143; the recorded one was killed.
                assert told["exitCode"] in ({137, 143} if sample == "s-deadline" else {code})
                assert told["message"] == theirs["state"][state].get("message")
                assert told["reason"] == theirs["state"][state].get("reason")


@pytest.mark.parametrize(
    ("sample", "reason", "body"),
    [
        (
            "s-invalidimage",
            "InvalidImageName",
            pod("s-invalidimage", "true", container={"image": "Bad Image:::"}),
        ),
        (
            "s-noconfigmap",
            "CreateContainerConfigError",
            pod(
                "s-noconfigmap",
                "true",
                container={
                    "env": [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "nosuch", "key": "k"}}}]
                },
            ),
        ),
        (
            "s-nosecretvol",
            "ContainerCreating",
            pod(
                "s-nosecretvol",
                "true",
                container={"volumeMounts": [{"name": "v", "mountPath": "/v"}]},
                volumes=[{"name": "v", "secret": {"secretName": "nosuch"}}],
            ),
        ),
    ],
)
def test_a_pod_that_cannot_start_has_the_status_of_the_recorded_one(
    running: Running, recordings: Any, sample: str, reason: str, body: dict[str, Any]
) -> None:
    core = running.core()
    waiting(core, body, reason)
    true = recorded(recordings, sample)["status"]

    def alike() -> bool:
        return shape(raw(core, sample)["status"]) == shape(true)

    until(alike)
    own = raw(core, sample)["status"]
    assert own["containerStatuses"][0]["state"] == true["containerStatuses"][0]["state"]
    events = recorded(recordings, f"{sample}.events")["items"]
    told = {(each["type"], each["reason"], each["message"]) for each in events if each["type"] == "Warning"}

    def heard() -> bool:
        found = core.list_namespaced_event("trading", field_selector=f"involvedObject.name={sample}").items
        return told <= {(each.type, each.reason, each.message) for each in found}

    until(heard)


def test_the_events_of_a_good_pod_are_the_recorded_ones(running: Running, recordings: Any) -> None:
    core = running.core()
    ended(core, pod("s-ok", "sh", "-c", "echo ok"))
    found = json.loads(core.list_namespaced_event("trading", _preload_content=False).data)["items"]
    true = recorded(recordings, "s-ok.events")["items"]
    assert [each["reason"] for each in found] == [each["reason"] for each in true]
    for mine, theirs in zip(found, true, strict=True):
        true_shape = {key: each for key, each in theirs.items() if key not in {"kind", "apiVersion"}}
        assert shape({**mine, "metadata": None}) == shape({**true_shape, "metadata": None})


def test_a_container_that_takes_too_much_memory_is_killed_for_it(running: Running, recordings: Any) -> None:
    body = pod(
        "s-oom",
        "python3",
        "-c",
        "x = bytearray(300_000_000); import time; time.sleep(60)",
        container={"resources": {"limits": {"memory": "64Mi"}}},
    )
    core = running.core()
    ended(core, body)
    own, true = raw(core, "s-oom")["status"], recorded(recordings, "s-oom")["status"]
    assert shape(own) == shape(true)
    state = own["containerStatuses"][0]["state"]["terminated"]
    assert (state["reason"], state["exitCode"]) == ("OOMKilled", 137)


def test_a_pod_that_asks_more_than_the_machine_has_is_not_scheduled(
    running: Running, recordings: Any
) -> None:
    core = running.core()
    big = {"resources": {"requests": {"memory": "900Gi"}}}
    core.create_namespaced_pod("trading", pod("s-unschedulable", "true", container=big))
    true = recorded(recordings, "s-unschedulable")["status"]
    until(lambda: shape(raw(core, "s-unschedulable")["status"]) == shape(true))
    assert (
        raw(core, "s-unschedulable")["status"]["conditions"][0]["message"] == true["conditions"][0]["message"]
    )

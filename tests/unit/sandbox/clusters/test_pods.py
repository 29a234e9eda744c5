"""Pods run as processes: their ends, logs, volumes, environment, images."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from kubernetes import client

from unit.sandbox.clusters.registry import TestRegistry, layer
from unit.sandbox.clusters.running import Running, pod, recorded
from waiting import until


def finished(core: client.CoreV1Api, name: str) -> dict[str, Any]:
    def over() -> Any:
        found = core.read_namespaced_pod(name, "trading")
        return found if found.status.phase in {"Succeeded", "Failed"} else None

    return core.api_client.sanitize_for_serialization(until(over))


def ended(core: client.CoreV1Api, body: dict[str, Any]) -> dict[str, Any]:
    core.create_namespaced_pod("trading", body)
    return finished(core, body["metadata"]["name"])


def waiting(core: client.CoreV1Api, body: dict[str, Any], reason: str) -> dict[str, Any]:
    core.create_namespaced_pod("trading", body)

    def there() -> Any:
        found = core.read_namespaced_pod(body["metadata"]["name"], "trading")
        states = [each.state.waiting for each in found.status.container_statuses or []]
        return found if any(each and each.reason == reason for each in states) else None

    return core.api_client.sanitize_for_serialization(until(there))


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
        (
            "s-deadline",
            pod("s-deadline", "sleep", "600", activeDeadlineSeconds=1, terminationGracePeriodSeconds=1),
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


def test_an_image_that_is_not_there_ends_in_back_off(running: Running, registry: TestRegistry) -> None:
    core = running.core()
    image = f"{registry.host}/trading/nosuch:1"
    found = waiting(core, pod("bad", "true", container={"image": image}), "ErrImagePull")
    message = found["status"]["containerStatuses"][0]["state"]["waiting"]["message"]
    assert message == (
        f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": '
        f"{image}: not found"
    )
    with pytest.raises(client.ApiException) as refused:
        core.read_namespaced_pod_log("bad", "trading")
    assert refused.value.status == 400
    told = json.loads(refused.value.body)["message"]
    assert told == 'container "base" in pod "bad" is waiting to start: image can\'t be pulled'
    core.delete_namespaced_pod("bad", "trading", grace_period_seconds=0)


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


SCRIPT = b"import json, os, sys; print(json.dumps([dict(os.environ), sys.argv, os.getcwd()]))"


def test_an_image_is_pulled_by_digest_with_the_secret_of_its_pod(
    running: Running, registry: TestRegistry
) -> None:
    registry.challenge = "bearer"
    image = registry.put(
        "trading/app",
        layer(("app/main.py", SCRIPT), ("app/old.txt", b"old")),
        layer(("app/.wh.old.txt", b""), zipped=False),
        Env=["PYTHONPATH=/app:/elsewhere", "PATH=/app:/usr/bin"],
        WorkingDir="/app",
        Entrypoint=["python3", "/app/main.py"],
        Cmd=["--file=/app/main.py"],
    )
    core = running.core()
    bare = pod("bare", container={"image": image})
    del bare["spec"]["containers"][0]["command"]
    refused = waiting(core, bare, "ErrImagePull")
    assert "authorize" in refused["status"]["containerStatuses"][0]["state"]["waiting"]["message"]
    login = base64.b64encode(b"puller:s3cret").decode()
    content = {".dockerconfigjson": json.dumps({"auths": {registry.host: {"auth": login}}})}
    core.create_namespaced_secret(
        "trading",
        {
            "metadata": {"name": "pull"},
            "type": "kubernetes.io/dockerconfigjson",
            "stringData": content,
        },
    )
    good = pod(
        "good",
        container={
            "image": image,
            "volumeMounts": [{"name": "out", "mountPath": "/out"}],
            "env": [
                {"name": "OUT", "value": "/out/report.json:/nowhere"},
                {"name": "PORT", "value": "8080"},
                {"name": "WHO", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            ],
        },
        imagePullSecrets=[{"name": "pull"}],
        volumes=[{"name": "out", "emptyDir": {}}],
    )
    del good["spec"]["containers"][0]["command"]
    found = ended(core, good)
    assert found["status"]["phase"] == "Succeeded"
    assert found["status"]["containerStatuses"][0]["imageID"] == image
    environment, arguments, folder = json.loads(
        core.read_namespaced_pod_log("good", "trading", _preload_content=False).data
    )
    assert environment["PYTHONPATH"] == f"{folder}:/elsewhere"
    assert arguments == [f"{folder}/main.py", f"--file={folder}/main.py"]
    assert environment["OUT"].endswith("/volumes/out/report.json:/nowhere")
    assert environment["PORT"] != "8080"
    assert environment["WHO"] == "good"
    assert f":{folder}:" in environment["PATH"]
    assert "USER" not in environment


def test_a_blob_that_is_not_what_its_digest_says_is_refused(running: Running, registry: TestRegistry) -> None:
    data = layer(("a", b"a"))
    image = registry.put("trading/app", data)
    for digest, content in registry.content.items():
        if content == data:
            registry.content[digest] = layer(("a", b"b"))
    core = running.core()
    found = waiting(core, pod("forged", "true", container={"image": image}), "ErrImagePull")
    assert "unexpected digest" in found["status"]["containerStatuses"][0]["state"]["waiting"]["message"]


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "/../outside"])
def test_a_layer_that_leaves_its_folder_is_refused(
    running: Running, registry: TestRegistry, name: str
) -> None:
    image = registry.put("trading/app", layer((name, b"x")))
    found = waiting(running.core(), pod("out", "true", container={"image": image}), "ErrImagePull")
    assert "leaves the root folder" in found["status"]["containerStatuses"][0]["state"]["waiting"]["message"]


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
    assert core.read_namespaced_pod_log("talk", "trading", tail_lines=1) == b"end" or "end"
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

"""Images are pulled by digest with the pod's secret; forged and missing ones are refused."""

from __future__ import annotations

import base64
import json

import pytest
from kubernetes import client

from unit.sandbox.clusters.pod_ends import ended, waiting
from unit.sandbox.clusters.registry import TestRegistry, layer
from unit.sandbox.clusters.running import Running, pod

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

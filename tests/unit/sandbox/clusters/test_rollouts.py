"""Deployments roll out, fail by their deadline, go back; services and their proxy reach ready pods."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from typing import Any

import pytest
from kubernetes import client

from sandbox.clusters.access import token
from sandbox.clusters.authority import certificate_authority
from unit.sandbox.clusters.registry import TestRegistry, layer
from unit.sandbox.clusters.running import Running
from unit.sandbox.clusters.web import SERVER, SERVICE, deployment
from waiting import until


@pytest.fixture
def image(registry: TestRegistry) -> str:
    return registry.put("trading/web", layer(("app/serve.py", SERVER)))


def complete(apps: client.AppsV1Api, replicas: int = 2) -> Any:
    def there() -> Any:
        found = apps.read_namespaced_deployment_status("web", "trading")
        status = found.status
        done = status.observed_generation == found.metadata.generation
        counts = (status.updated_replicas, status.replicas, status.available_replicas)
        return found if done and counts == (replicas, replicas, replicas) else None

    return until(there)


def reasons(found: Any) -> dict[str, str]:
    return {each.type: each.reason for each in found.status.conditions}


def proxied(running: Running, path: str, body: bytes | None = None) -> str:
    place = f"{running.world.url('dev')}/api/v1/namespaces/trading/services/web:http/proxy{path}"
    bearer = {"Authorization": f"Bearer {token(running.world, 'dev', 'admin')}"}
    authority = ssl.create_default_context(cadata=certificate_authority(running.world).decode())
    request = urllib.request.Request(place, data=body, headers=bearer)
    with urllib.request.urlopen(request, context=authority) as answer:
        return str(answer.read().decode())


def test_a_deployment_rolls_out_and_its_service_reaches_it(running: Running, image: str) -> None:
    apps, core = running.apps("admin"), running.core("admin")
    core.create_namespaced_service("trading", SERVICE)
    with pytest.raises(urllib.error.HTTPError) as nobody:
        proxied(running, "/")
    assert (nobody.value.code, json.load(nobody.value)["reason"]) == (503, "ServiceUnavailable")
    apps.create_namespaced_deployment("trading", deployment(image, "1"))
    found = complete(apps)
    assert reasons(found) == {
        "Available": "MinimumReplicasAvailable",
        "Progressing": "NewReplicaSetAvailable",
    }
    assert found.metadata.annotations["deployment.kubernetes.io/revision"] == "1"
    pods = core.list_namespaced_pod("trading", label_selector="app=web").items
    assert {each.status.container_statuses[0].image_id for each in pods} == {image}
    assert {each.metadata.owner_references[0].kind for each in pods} == {"ReplicaSet"}
    assert proxied(running, "/a?b=1") == "v1 /a?b= "
    assert proxied(running, "/", b"loud") == "LOUD"
    service = core.read_namespaced_service("web", "trading")
    port = service.metadata.annotations["sandbox/ports"].removeprefix("80=")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        assert answer.read() == b"v1 /     "


def test_an_update_replaces_pods_without_losing_the_wanted_number(running: Running, image: str) -> None:
    apps, core = running.apps("admin"), running.core("admin")
    apps.create_namespaced_deployment("trading", deployment(image, "1"))
    complete(apps)
    first = {each.metadata.name for each in core.list_namespaced_pod("trading").items}
    patch = {
        "spec": {
            "template": {"spec": {"containers": [{"name": "web", "env": [{"name": "V", "value": "2"}]}]}}
        }
    }
    apps.patch_namespaced_deployment("web", "trading", patch)
    lowest = 2

    def done() -> bool:
        nonlocal lowest
        found = apps.read_namespaced_deployment("web", "trading")
        lowest = min(lowest, found.status.available_replicas or 0)
        return bool(
            found.status.updated_replicas == found.status.replicas == found.status.available_replicas == 2
        )

    until(lambda: apps.read_namespaced_deployment("web", "trading").status.observed_generation == 2)
    until(done)
    assert lowest == 2
    until(lambda: not first & {each.metadata.name for each in core.list_namespaced_pod("trading").items})
    sets = apps.list_namespaced_replica_set("trading", label_selector="app=web").items
    assert sorted(
        (each.metadata.annotations["deployment.kubernetes.io/revision"], each.spec.replicas) for each in sets
    ) == [("1", 0), ("2", 2)]


def test_a_version_that_never_gets_ready_exceeds_its_deadline_and_goes_back(
    running: Running, image: str
) -> None:
    apps, core = running.apps("admin"), running.core("admin")
    apps.create_namespaced_deployment("trading", deployment(image, "1", progressDeadlineSeconds=2))
    complete(apps)
    apps.patch_namespaced_deployment("web", "trading", deployment(image, "bad", progressDeadlineSeconds=2))

    def exceeded() -> Any:
        found = apps.read_namespaced_deployment_status("web", "trading")
        late = [each for each in found.status.conditions if each.reason == "ProgressDeadlineExceeded"]
        return found if late and late[0].status == "False" else None

    found = until(exceeded)
    assert found.status.available_replicas == 2
    # On a busy machine the deadline may pass before the slow pod has answered its first probe.
    why = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    until(lambda: why in {each.message for each in core.list_namespaced_event("trading").items})
    apps.patch_namespaced_deployment("web", "trading", deployment(image, "1", progressDeadlineSeconds=2))
    back = complete(apps)
    assert back.metadata.annotations["deployment.kubernetes.io/revision"] == "3"


def test_a_deleted_deployment_takes_its_pods_with_it(running: Running, image: str) -> None:
    apps, core = running.apps("admin"), running.core("admin")
    apps.create_namespaced_deployment("trading", deployment(image, "1", replicas=1))
    complete(apps, 1)
    answer = apps.delete_namespaced_deployment("web", "trading")
    assert answer.status == "Success"
    until(lambda: not core.list_namespaced_pod("trading").items)
    assert not apps.list_namespaced_replica_set("trading").items


def test_scaling_changes_the_number_of_pods(running: Running, image: str) -> None:
    apps, core = running.apps("admin"), running.core("admin")
    apps.create_namespaced_deployment("trading", deployment(image, "1", replicas=1))
    complete(apps, 1)
    scale = apps.patch_namespaced_deployment_scale("web", "trading", {"spec": {"replicas": 3}})
    assert scale.spec.replicas == 3
    complete(apps, 3)
    apps.patch_namespaced_deployment_scale("web", "trading", {"spec": {"replicas": 0}})
    until(lambda: not core.list_namespaced_pod("trading").items)

"""The cluster client against the sandbox's clusters: TLS, a ServiceAccount's rights, pods that really run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hummingbird.clients.cluster import Cluster
from hummingbird.clients.rollout import Progress
from hummingbird.core.errors import Conflict, DeliveryError, Denied, Invalid, NotFound
from sandbox.clusters.access import kubeconfig
from sandbox.seed.harbor import base_image_reference
from sandbox_world import SandboxWorld

NAME = "echo"
LABELS = {"app": NAME}
SERVE = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if os.environ["HEALTHY"] == "yes" else 500)
        self.end_headers()
        self.wfile.write(f"{os.environ['VERSION']} {self.path}".encode())
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld) -> SandboxWorld:
    return sandbox.seeded("harbor", "clusters")


@pytest.fixture
def dev(world: SandboxWorld) -> Iterator[Cluster]:
    client = Cluster.from_kubeconfig(kubeconfig(world.world, "dev", "admin"), "dev", "trading")
    yield client
    client.close()


def manifest(world: SandboxWorld, version: str, healthy: str = "yes", deadline: int = 30) -> dict[str, Any]:
    registry = world.url("harbor").removeprefix("http://")
    reference = base_image_reference()
    image = reference if reference.startswith(registry) else f"{registry}/{reference}"
    settings = {"VERSION": version, "HEALTHY": healthy, "PORT": "8080"}
    container = {
        "name": NAME,
        "image": image,
        "command": ["python3", "-c", SERVE],
        "env": [{"name": key, "value": value} for key, value in settings.items()],
        "ports": [{"containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1},
    }
    pod = {"containers": [container], "imagePullSecrets": [{"name": "harbor-pull"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "namespace": "trading", "labels": LABELS},
        "spec": {
            "replicas": 1,
            "progressDeadlineSeconds": deadline,
            "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": {**pod, "terminationGracePeriodSeconds": 1}},
        },
    }


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": NAME, "namespace": "trading"},
    "spec": {"selector": LABELS, "ports": [{"port": 80, "targetPort": 8080}]},
}


def test_a_deployment_rolls_out_serves_and_reads_back_its_digest(dev: Cluster, world: SandboxWorld) -> None:
    dev.apply(SERVICE)
    dev.apply(manifest(world, "1.0.0"))
    ended = dev.rollout(NAME, 60)
    assert ended.progress is Progress.DONE, dev.why_not_ready(LABELS)
    (pod,) = [pod for pod in dev.pods(LABELS) if not pod.leaving]
    assert pod.ready
    assert pod.digests[NAME] == base_image_reference().rpartition("@")[2]
    assert dev.service_get(NAME, 80, "/hello?to=you") == b"1.0.0 /hello?to=you"
    assert dev.why_not_ready(LABELS) == []


def test_the_same_manifest_again_is_the_same_generation(dev: Cluster, world: SandboxWorld) -> None:
    first = dev.apply(manifest(world, "1.0.0"))
    again = dev.apply(manifest(world, "1.0.0"))
    assert again["metadata"]["generation"] == first["metadata"]["generation"]


def test_a_version_that_is_never_ready_fails_and_says_why(dev: Cluster, world: SandboxWorld) -> None:
    dev.apply(manifest(world, "2.0.0", healthy="no", deadline=5))
    ended = dev.rollout(NAME, 60)
    assert ended.progress is Progress.FAILED
    assert any("readiness" in sentence.lower() for sentence in dev.why_not_ready(LABELS))
    dev.apply(manifest(world, "1.0.0"))
    assert dev.rollout(NAME, 60).progress is Progress.DONE
    assert len(dev.replica_sets(LABELS)) >= 2


def test_a_config_map_is_applied_and_read(dev: Cluster) -> None:
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "委托"}}
    dev.apply(made)
    assert dev.config_map("web") == {"a": "委托"}
    with pytest.raises(NotFound):
        dev.config_map("none")


def test_a_lease_has_one_holder(dev: Cluster) -> None:
    held = dev.leases.acquire("deploy-dev", "job-1", 60)
    with pytest.raises(Conflict, match="held by job-1"):
        dev.leases.acquire("deploy-dev", "job-2", 60)
    dev.leases.release(dev.leases.renew(held))
    assert dev.leases.acquire("deploy-dev", "job-2", 60).fence == held.fence + 1


def test_a_manifest_that_the_server_refuses_is_invalid(dev: Cluster, world: SandboxWorld) -> None:
    broken = manifest(world, "1.0.0")
    broken["metadata"]["name"] = "Not_A_Name"
    with pytest.raises(Invalid):
        dev.apply(broken)


def test_a_worker_may_not_deploy(world: SandboxWorld) -> None:
    worker = Cluster.from_kubeconfig(kubeconfig(world.world, "tools", "worker"), "tools", "hummingbird")
    with pytest.raises(Denied):
        worker.deployment(NAME)
    worker.close()


def test_a_server_whose_certificate_is_not_trusted_is_not_talked_to(world: SandboxWorld) -> None:
    document = kubeconfig(world.world, "dev", "admin")
    del document["clusters"][0]["cluster"]["certificate-authority-data"]
    stranger = Cluster.from_kubeconfig(document, "dev", "trading")
    with pytest.raises(DeliveryError, match="certificate"):
        stranger.deployment(NAME)
    stranger.close()

"""F4: a worker dies after its pod was made; the next try follows that pod, and starts none beside it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes.client import CoreV1Api
from kubernetes.config import new_client_from_config_dict

from faults.operator import attempts
from hummingbird.orchestration.pods import JOB_LABEL
from sandbox.clusters.access import kubeconfig
from sandbox.world import World
from sandbox_world import SandboxWorld
from waiting import until


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld) -> World:
    return sandbox.seeded("harbor", "clusters").world


@pytest.fixture(scope="module")
def cluster(world: World) -> Iterator[CoreV1Api]:
    """The cluster's API; what other files left there under the same labels is gone."""
    client = new_client_from_config_dict(kubeconfig(world, "tools", "airflow", "hummingbird"))
    api = CoreV1Api(client)
    for pod in api.list_namespaced_pod("hummingbird", label_selector=JOB_LABEL).items:
        api.delete_namespaced_pod(pod.metadata.name, "hummingbird", grace_period_seconds=0)
    until(lambda: pods(api) == {})
    yield api
    client.rest_client.pool_manager.clear()


@pytest.fixture
def attempt(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with attempts(world, monkeypatch) as made:
        yield made


def pods(cluster: CoreV1Api) -> dict[str, str]:
    """Uid → phase of the pods that the platform made."""
    found = cluster.list_namespaced_pod("hummingbird", label_selector=JOB_LABEL).items
    return {pod.metadata.uid: pod.status.phase for pod in found}


def killed(attempt: Any, cluster: CoreV1Api, script: str) -> str:
    """A worker that is killed once its pod is there; the pod's uid."""
    worker = multiprocessing.get_context("fork").Process(target=attempt(script).run)
    worker.start()
    until(lambda: pods(cluster))
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(30)
    (uid,) = pods(cluster)
    return uid


@pytest.mark.long
def test_the_next_try_follows_the_pod_and_leaves_it_its_ticket(attempt: Any, cluster: CoreV1Api) -> None:
    script = "sleep 25; echo done"  # still at work when a busy machine comes to the second try
    uid = killed(attempt, cluster, script)
    second = attempt(script, 2)
    second.notary.found = {"kind": "scan"}
    second.run()
    assert second.operator.pod.metadata.uid == uid
    assert second.notary.tickets == 0
    assert pods(cluster) == {}


def test_a_pod_that_ended_meanwhile_is_not_started_again(attempt: Any, cluster: CoreV1Api) -> None:
    uid = killed(attempt, cluster, "echo done")
    until(lambda: pods(cluster) == {uid: "Succeeded"})
    second = attempt("echo done", 2)
    second.notary.done = True
    second.run()
    assert second.operator.pod is None
    assert pods(cluster) == {}


def test_a_pod_that_ended_without_a_word_makes_room_for_another(attempt: Any, cluster: CoreV1Api) -> None:
    uid = killed(attempt, cluster, "echo done")
    until(lambda: pods(cluster) == {uid: "Succeeded"})
    second = attempt("echo done", 2)
    second.notary.found = {"kind": "scan"}
    second.run()
    assert second.notary.tickets == 1
    assert second.operator.pod.metadata.uid != uid
    assert pods(cluster) == {}

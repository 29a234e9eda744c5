"""Kubernetes: what our client sends and the stand-in answers is what the API's own document says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from contract.test_cluster_client import LABELS, NAME, SERVICE, manifest
from contract.vendor.coverage import methods_of
from contract.vendor.judge import Excused, Judge
from contract.vendor.recorder import Recorder, recording
from hummingbird.clients.cluster import Cluster
from hummingbird.clients.lease import Leases
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.rollout import Progress
from hummingbird.core.errors import DeliveryError, NotFound
from sandbox.clusters.access import kubeconfig, token
from sandbox.clusters.resources import ACCESS_REVIEWS, STORED, Resource
from sandbox_world import SandboxWorld

pytestmark = pytest.mark.long

EXCUSED = [
    Excused(
        why="Errors are not in the document, 401 apart; the API answers a Status.",
        reference="github.com/kubernetes/kubernetes/issues/69014; api-conventions.md, Response Status Kind",
        statuses=frozenset({403, 404, 409, 410, 415, 422}),
        schema={"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Status"},
    ),
    Excused(
        why="What a proxied service takes and answers is the service's own.",
        reference="the document's connectGetCoreV1NamespacedServiceProxyWithPath: a string",
        path=".*/services/[^/]+/proxy(/.*)?",
        query=True,
    ),
    Excused(
        why="A deleted namespace is answered itself, ending; the document says Status.",
        reference="kubernetes pkg/registry/core/namespace/storage/storage.go, Delete",
        method="DELETE",
        path="/api/v1/namespaces/[^/]+",
        statuses=frozenset({200}),
        schema={"$ref": "#/definitions/io.k8s.api.core.v1.Namespace"},
    ),
]
PATCHES = {
    "merge-patch": {"metadata": {"annotations": {"by": "merge"}}},
    "strategic-merge-patch": {"metadata": {"annotations": {"by": "strategic"}}},
    "json-patch": [{"op": "add", "path": "/metadata/labels", "value": {"by": "json"}}],
}
POD_SPEC = {"containers": [{"name": "main", "image": "registry.invalid/none@sha256:" + "0" * 64}]}
SELECTED = {"selector": {"matchLabels": {"app": "hand"}}, "replicas": 0}
TEMPLATE = {"template": {"metadata": {"labels": {"app": "hand"}}, "spec": POD_SPEC}}
MADE: dict[str, Any] = {
    "Pod": {"spec": POD_SPEC},
    "Event": {"involvedObject": {"kind": "Pod", "name": "hand", "namespace": "trading"}, "reason": "Hand"},
    "ConfigMap": {"data": {"a": "委托"}},
    "Secret": {"stringData": {"a": "b"}},
    "Service": {"spec": {"selector": {"app": "hand"}, "ports": [{"port": 80}]}},
    "Deployment": {"spec": SELECTED | TEMPLATE},
    "ReplicaSet": {"spec": SELECTED | TEMPLATE},
    "Lease": {"spec": {"holderIdentity": "hand"}},
}
Call = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge("kubernetes/swagger.json", excused=EXCUSED)


@pytest.fixture(scope="module")
def recorder(judge: Judge, sandbox: SandboxWorld) -> Iterator[Recorder]:
    """Everything that is said in this file: by our client, and by hand every kind and verb."""
    sandbox.seeded("harbor", "clusters")
    with recording(sandbox.url("dev")) as made:
        by_our_client(made, sandbox)
        admin = caller(made, token(sandbox.world, "dev", "admin"))
        for kind in STORED:
            by_hand(admin, kind)
        reviewed(admin)
        refused(admin, caller(made, token(sandbox.world, "dev", "operations")), caller(made, "nobody"))
        yield made


def caller(recorder: Recorder, bearer: str) -> Call:
    """Calls by hand as one account, through the recorder."""
    return lambda method, path, **more: requests.request(
        method,
        f"{recorder.url}{path}",
        headers={"Authorization": f"Bearer {bearer}", **more.pop("headers", {})},
        timeout=30,
        **more,
    )


def by_our_client(recorder: Recorder, sandbox: SandboxWorld) -> None:
    """Every method: a rollout that serves, one that does not, a lease, and what is not there."""
    document = kubeconfig(sandbox.world, "dev", "admin")
    document["clusters"][0]["cluster"] = {"server": recorder.url}
    client = Cluster.from_kubeconfig(document, "dev", "trading", retrying=Retrying(attempts=1))
    dev = recorder.watched(client)
    dev.apply(SERVICE)
    dev.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME}, "data": {"a": "b"}})
    dev.apply(manifest(sandbox, "1.0.0"))
    assert dev.rollout(NAME, 60).progress is Progress.DONE
    [pod] = [each for each in dev.pods(LABELS) if not each.leaving]
    assert dev.log_tail(pod.name, 5) == ""
    assert dev.service_get(NAME, 80, "/hello?to=you")
    assert dev.config_map(NAME) == {"a": "b"}
    assert dev.service(NAME)["kind"] == "Service"
    assert dev.deployment(NAME)["kind"] == "Deployment"
    dev.apply(manifest(sandbox, "2.0.0", healthy="no", deadline=3))
    assert dev.rollout(NAME, 60).progress is Progress.FAILED
    assert dev.why_not_ready(LABELS)
    assert dev.replica_sets(LABELS)
    assert NAME in [one["metadata"]["name"] for one in dev.deployments()]
    dev.apply(manifest(sandbox, "1.0.0"))
    held = dev.leases.acquire("contract", "job-1", 60)
    with pytest.raises(DeliveryError):
        dev.leases.acquire("contract", "job-2", 60)
    dev.leases.release(dev.leases.renew(held))
    with pytest.raises(NotFound):
        dev.deployment("absent")
    with pytest.raises(DeliveryError):
        dev.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "Not_A_Name"}})
    client.close()


def by_hand(api: Call, kind: Resource) -> None:
    """Create, read, list, watch, replace, change in four ways and delete one thing of a kind."""
    root = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}"
    folder = f"{root}/namespaces/trading/{kind.plural}" if kind.namespaced else f"{root}/{kind.plural}"
    one = f"{folder}/hand"
    whole: dict[str, Any] = {"apiVersion": kind.api_version, "kind": kind.kind, **MADE.get(kind.kind, {})}
    whole["metadata"] = {"name": "hand"} | ({"namespace": "trading"} if kind.namespaced else {})
    made = api("POST", folder, json=whole)
    assert made.status_code == 201, made.text
    version = made.json()["metadata"]["resourceVersion"]
    for form, patch in PATCHES.items():
        changed = api("PATCH", one, json=patch, headers={"Content-Type": f"application/{form}+json"})
        assert changed.status_code == 200, changed.text
    applied = {key: whole[key] for key in ("apiVersion", "kind")} | {"metadata": {"name": "hand"}}
    api(
        "PATCH",
        f"{one}?fieldManager=hand&force=true",
        json=applied,
        headers={"Content-Type": "application/apply-patch+yaml"},
    )
    replaced = api("PUT", one, json=api("GET", one).json())
    assert replaced.status_code == 200, replaced.text
    api("GET", f"{folder}?limit=1")
    api("GET", f"{folder}?watch=true&resourceVersion={version}&timeoutSeconds=1")
    if kind.namespaced:
        api("GET", f"{root}/{kind.plural}")
    for part in ("status", "scale"):
        if getattr(kind, part):
            api("GET", f"{one}/{part}")
    gone = api("DELETE", one)
    assert gone.status_code in (200, 202), gone.text


def reviewed(api: Call) -> None:
    """May I?"""
    wish = {"resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "trading"}}
    body = {"apiVersion": ACCESS_REVIEWS.api_version, "kind": ACCESS_REVIEWS.kind, "spec": wish}
    answer = api("POST", f"/apis/{ACCESS_REVIEWS.api_version}/{ACCESS_REVIEWS.plural}", json=body)
    assert answer.status_code == 201


def refused(admin: Call, reader: Call, nobody: Call) -> None:
    """Refusals are Statuses."""
    maps = "/api/v1/namespaces/trading/configmaps"
    named = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME}}
    answers = (
        nobody("GET", maps),
        reader("POST", maps, json=named),
        admin("POST", maps, json=named),
        admin("PATCH", f"{maps}/{NAME}", json={}, headers={"Content-Type": "application/merge-patch+json"}),
        admin("GET", f"{maps}?watch=true&resourceVersion=0&timeoutSeconds=1"),
    )
    assert [answer.status_code for answer in answers] == [401, 403, 409, 200, 200]


def test_every_exchange_is_as_the_document_says(judge: Judge, recorder: Recorder) -> None:
    assert len(recorder.exchanges) > 100
    assert [fault for each in recorder.exchanges for fault in judge.judge(each)] == []
    assert judge.unused_excuses() == []


def test_every_method_of_our_client_was_on_the_wire(recorder: Recorder) -> None:
    wanted = methods_of(Cluster, silent=("from_kubeconfig", "in_pod")) | methods_of(Leases)
    assert wanted - recorder.spoke == set()


def test_every_kind_was_made_read_watched_changed_and_deleted(recorder: Recorder) -> None:
    done = {
        (each.method, part)
        for each in recorder.exchanges
        if each.status < 400
        for part in each.path.split("/")
    }
    wanted = {(verb, kind.plural) for kind in STORED for verb in ("POST", "GET", "PUT", "PATCH", "DELETE")}
    assert wanted - done == set()

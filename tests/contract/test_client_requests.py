"""What our Harbor, Apollo and Kubernetes clients send is what the vendors' documents describe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from contract.vendor_requests import VendorRequests
from hummingbird.clients.apollo import Apollo
from hummingbird.clients.harbor import Harbor
from hummingbird.clients.retrying import Retrying
from hummingbird.core.artifact import Image
from hummingbird.core.component import ApolloNamespace
from hummingbird.core.errors import Mismatch
from unit.clients.kube import cluster, deployment, event, streams
from unit.clients.misbehaving import Received, Server, says, serving

IMAGE = Image(repository="trading-dev/order/gateway", digest="sha256:" + "a" * 64)
PLACE = ApolloNamespace(app="order-gateway")
LEASE = {
    "apiVersion": "coordination.k8s.io/v1",
    "kind": "Lease",
    "metadata": {"name": "deploy", "resourceVersion": "1"},
    "spec": {},
}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as state:
        yield state


def test_harbor_requests_are_the_vendors(server: Server) -> None:
    vendor = VendorRequests("harbor/swagger.yaml", "/api/v2.0")
    harbor = Harbor(server.url, "platform", "x")
    server.does(says(404), says(201), says(200, {"digest": IMAGE.digest}), says(200, {"project_id": 3}))
    harbor.copy(IMAGE, "trading-test/order/gateway")
    harbor.page(IMAGE)
    harbor.close()
    assert [r.method for r in server.received] == ["GET", "POST", "GET", "GET"]
    assert "/repositories/order%252Fgateway/" in server.received[0].path
    for sent in server.received:
        vendor.check(sent)


def test_a_copy_that_reads_back_differently_is_a_mismatch(server: Server) -> None:
    harbor = Harbor(server.url, "platform", "x", retrying=Retrying(attempts=1))
    server.does(says(404), says(201), says(404))
    with pytest.raises(Mismatch, match="found nothing"):
        harbor.copy(IMAGE, "trading-test/order-gateway")
    harbor.close()


def test_apollo_requests_are_the_vendors(server: Server) -> None:
    vendor = VendorRequests("apollo/apollo-openapi.yaml")
    apollo = Apollo(server.url, "token", "platform")
    before = [{"key": "kept", "value": "old"}, {"key": "gone", "value": "x"}]
    after = [{"key": "kept", "value": "new"}, {"key": "made", "value": "委托"}]
    wanted = {each["key"]: each["value"] for each in after}
    server.does(
        says(200, {"page": 0, "size": 500, "total": 2, "content": before}),
        says(200),
        says(200, {"key": "made", "value": "委托"}),
        says(200),
        says(200, {"page": 0, "size": 500, "total": 2, "content": after}),
        says(404),
        says(200, {"id": 7, "name": "HB-101", "configurations": wanted}),
        says(200, {"id": 7, "name": "HB-101", "configurations": wanted}),
        says(200),
        says(200, {"id": 6, "name": "HB-100", "configurations": {}}),
    )
    assert apollo.release("DEV", PLACE, wanted, "HB-101", "bundle").id == 7
    assert apollo.rollback("DEV", PLACE, 6).id == 6
    apollo.close()
    methods = sorted(r.method for r in server.received)
    assert methods == ["DELETE", "GET", "GET", "GET", "GET", "GET", "POST", "POST", "PUT", "PUT"]
    for sent in server.received:
        vendor.check(sent)


def test_kubernetes_requests_are_the_vendors(server: Server) -> None:
    vendor = VendorRequests("kubernetes/swagger.json")
    dev = cluster(server.url, Retrying(attempts=1), now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    some = {"kind": "Any", "metadata": {"resourceVersion": "1"}, "items": []}
    ready = deployment(updated=2, total=2, ready=2)
    server.does(says(200, some))
    labels = {"app": "web"}
    dev.apply(_deployment())
    dev.apply(_service())
    dev.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "b"}})
    dev.config_map("web")
    dev.service("web")
    dev.pods(labels)
    dev.replica_sets(labels)
    dev.why_not_ready(labels)
    dev.service_get("web", 8080, "/orders/health")
    server.does(says(404, {"kind": "Status"}), says(201, LEASE))
    held = dev.leases.acquire("deploy", "job-1", 60)
    mine = {**LEASE, "spec": {"holderIdentity": "job-1", "leaseTransitions": 1}}
    server.does(says(200, mine))
    dev.leases.renew(held)
    dev.leases.release(held)
    server.does(says(200, deployment()), streams(event("MODIFIED", ready)))
    dev.rollout("web", 30)
    dev.close()
    assert len(server.received) == 17
    for sent in server.received:
        vendor.check(sent)


def test_a_request_that_the_vendor_does_not_know_is_seen() -> None:
    vendor = VendorRequests("kubernetes/swagger.json")
    base = "/api/v1/namespaces/trading/configmaps"
    headers = {"Content-Type": "application/json"}
    for sent in (
        Received("GET", f"{base}/web/nothing", {}, b""),
        Received("GET", f"{base}?labelselector=a", {}, b""),
        Received("GET", f"{base}?limit=many", {}, b""),
        Received("POST", base, headers, b'{"kind": "ConfigMap", "dada": {}}'),
        Received("PATCH", f"{base}/web", {"Content-Type": "text/plain"}, b"{}"),
    ):
        with pytest.raises(AssertionError):
            vendor.check(sent)


def _deployment() -> dict[str, object]:
    container = {
        "name": "web",
        "image": f"registry.example/{IMAGE.repository}@{IMAGE.digest}",
        "ports": [{"containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "trading"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}},
        },
    }


def _service() -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "trading"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }

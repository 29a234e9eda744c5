"""Apollo's stand-in answers as apollo-openapi.yaml says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sandbox.apollo import create
from sandbox.world import World
from stand_ins import free_world, served
from unit.sandbox.harbor.vendor_document import VendorDocument

Call = Callable[..., requests.Response]
PLACE = "/envs/DEV/apps/order-gateway/clusters/default/namespaces/application"
APP = {"appId": "order-gateway", "name": "订单网关", "orgId": "t", "orgName": "t", "ownerName": "developer"}
UNLISTED = frozenset({400, 401, 403, 404})
"""The document names few refusals; their shape is checked all the same."""


@pytest.fixture(scope="module")
def document() -> VendorDocument:
    return VendorDocument("apollo/apollo-openapi.yaml")


@pytest.fixture(scope="module")
def world(document: VendorDocument, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "apollo", "apollo-config"), create) as running:
        yield running


@pytest.fixture(scope="module")
def call(world: World, document: VendorDocument) -> Call:
    """Call as a consumer and compare the answer with the document."""

    def send(method: str, path: str, user: str = "platform", **more: Any) -> requests.Response:
        headers = {"Authorization": world.secret(f"apollo.{user}")}
        url = f"{world.url('apollo')}/openapi/v1{path}"
        answer = requests.request(method, url, headers=headers, timeout=30, **more)
        document.check(answer, UNLISTED)
        if answer.status_code >= 400:
            assert {"status", "message", "timestamp"} <= answer.json().keys()
            assert answer.json()["status"] == answer.status_code
        return answer

    return send


@pytest.fixture(scope="module")
def release(call: Call) -> int:
    """An app with a released item."""
    assert call("POST", "/apps", json={"app": APP}).status_code == 200
    item = {"key": "k", "value": "v", "comment": "c", "dataChangeCreatedBy": "developer"}
    assert call("POST", f"{PLACE}/items", json=item).status_code == 200
    wish = {"releaseTitle": "first", "releaseComment": "HB-101", "releasedBy": "platform"}
    return int(call("POST", f"{PLACE}/releases", json=wish).json()["id"])


@pytest.mark.parametrize(
    "path",
    [
        "/envs",
        "/apps",
        "/apps/authorized",
        "/apps/order-gateway",
        "/apps/order-gateway/envclusters",
        PLACE.rpartition("/")[0],
        PLACE,
        f"{PLACE}/lock",
        f"{PLACE}/items?page=0&size=50",
        f"{PLACE}/items/k",
        f"{PLACE}/encodedItems/aw==",
        f"{PLACE}/releases/latest",
        f"{PLACE}/releases/active?page=0&size=5",
        "/envs/DEV/releases/{release}",
        "/envs/DEV/releases/comparison?baseReleaseId=0&toCompareReleaseId={release}",
        "/envs/DEV/instances/by-release?releaseId={release}&page=0&size=20",
        "/apps/order-gateway/envs/DEV/clusters/default/namespaces/application/releases/histories",
        "/apps/order-gateway/envs/DEV/accesskeys",
    ],
)
def test_what_is_read_fits(call: Call, release: int, path: str) -> None:
    assert call("GET", path.format(release=release)).status_code == 200


def test_what_is_changed_fits(call: Call, release: int) -> None:
    item = {"key": "k2", "value": "v2", "dataChangeLastModifiedBy": "platform"}
    assert call("PUT", f"{PLACE}/items/k2?createIfNotExists=true", json=item).status_code == 200
    second = call("POST", f"{PLACE}/releases", json={"releaseTitle": "second", "releasedBy": "platform"})
    back = f"/envs/DEV/releases/{second.json()['id']}/rollback?operator=platform"
    assert call("PUT", back).status_code == 200
    assert call("DELETE", f"{PLACE}/items/k2?operator=platform").status_code == 200
    key = call("POST", "/apps/order-gateway/envs/DEV/accesskeys?operator=platform").json()
    assert key["enabled"] is False
    namespace = {"appId": "order-gateway", "name": "database", "dataChangeCreatedBy": "platform"}
    assert call("POST", "/apps/order-gateway/appnamespaces", json=namespace).status_code == 200
    cluster = {"appId": "order-gateway", "name": "huawei", "dataChangeCreatedBy": "platform"}
    assert call("POST", "/envs/DEV/apps/order-gateway/clusters", json=cluster).status_code == 200
    assert call("POST", "/envs/DEV/apps/order-gateway/clusters", json=cluster).status_code == 400
    assert call("GET", "/envs/DEV/apps/order-gateway/clusters/huawei").status_code == 200
    assert call("GET", "/envs/DEV/apps/order-gateway/clusters/absent").status_code == 404
    assert call("GET", PLACE.replace("default", "huawei")).status_code == 200


def test_refusals_have_the_vendors_shape(call: Call, release: int) -> None:
    item = {"key": "k", "value": "v", "dataChangeCreatedBy": "nobody"}
    assert call("POST", f"{PLACE}/items", json=item).status_code == 400
    assert call("POST", f"{PLACE}/items", user="auditor", json=item).status_code == 403
    assert call("GET", f"{PLACE}/items/absent").status_code == 404
    assert call("GET", "/apps/absent").status_code == 404
    assert call("PUT", f"/envs/DEV/releases/{release}/rollback").status_code == 400

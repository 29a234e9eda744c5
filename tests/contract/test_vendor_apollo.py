"""Apollo's portal: what our client sends and the stand-in answers is what Apollo's OpenAPI document says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from contract.vendor.coverage import endpoints_of, methods_of, not_called
from contract.vendor.judge import Excused, Judge
from contract.vendor.recorder import Recorder, recording
from hummingbird.clients.apollo import Apollo
from hummingbird.clients.retrying import Retrying
from hummingbird.core.component import ApolloNamespace
from hummingbird.core.errors import DeliveryError, NotFound
from sandbox.apollo import create
from sandbox.apollo.app import applications
from sandbox.world import World
from stand_ins import free_world, served

BASE = "/openapi/v1"
PLACE = ApolloNamespace(app="order-gateway")
ENV = "/envs/DEV"
APP = "/apps/order-gateway"
SPACE = f"{ENV}{APP}/clusters/default/namespaces/application"
ODD = "odd key/with.slash"
REFUSALS = Excused(
    why="Few operations name their refusals; every refusal has the form that the others name.",
    reference="apolloconfig/apollo GlobalDefaultExceptionHandler.java; ExceptionResponse of the document",
    statuses=frozenset({400, 401, 403, 404}),
    schema={"$ref": "#/components/schemas/ExceptionResponse"},
)
Call = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge("apollo/apollo-openapi.yaml", excused=[REFUSALS])


@pytest.fixture(scope="module")
def world(judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "apollo", "apollo-config"), create) as running:
        yield running


@pytest.fixture(scope="module")
def recorder(world: World) -> Iterator[Recorder]:
    """Everything that is said in this file: by our client, and by hand what people and seeds ask."""
    with recording(world.url("apollo")) as made:
        api, auditor = caller(made, world, "platform"), caller(made, world, "auditor")
        app = {"appId": "order-gateway", "name": "订单网关", "orgId": "t", "orgName": "t"}
        assert api("POST", "/apps", json={"app": {**app, "ownerName": "developer"}}).status_code == 200
        by_our_client(made, world)
        by_hand(api)
        refused(api, auditor)
        yield made


def caller(recorder: Recorder, world: World, user: str) -> Call:
    """Calls by hand as one consumer, through the recorder."""
    headers = {"Authorization": world.secret(f"apollo.{user}")}

    def send(method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, f"{recorder.url}{BASE}{path}", headers=headers, timeout=30, **more)

    return send


def by_our_client(recorder: Recorder, world: World) -> None:
    """Every method of the client, with a key that cannot stand in a path as it is."""
    client = Apollo(recorder.url, world.secret("apollo.platform"), "platform", retrying=Retrying(attempts=1))
    portal = recorder.watched(client)
    assert portal.latest_release("DEV", PLACE) is None
    first = portal.release("DEV", PLACE, {"a": "1", ODD: "委托"}, "HB-101", "bundle")
    assert portal.latest_release("DEV", PLACE).id == first.id
    assert portal.bring_to("DEV", PLACE, {"a": "2", "b": "3"})
    assert portal.items("DEV", PLACE) == {"a": "2", "b": "3"}
    assert [item.key for item in portal.commented("DEV", PLACE)] == ["a", "b"]
    portal.release("DEV", PLACE, {"a": "2", "b": "3"}, "HB-102", "")
    assert portal.rollback("DEV", PLACE, first.id).id == first.id
    with pytest.raises(NotFound):
        portal.items("DEV", ApolloNamespace(app="absent"))
    with pytest.raises(DeliveryError):
        portal.rollback("DEV", PLACE, 999_999)
    client.close()


def by_hand(api: Call) -> None:
    """Everything else that the stand-in serves."""
    item = {"key": "k", "value": "v", "comment": "c", "dataChangeCreatedBy": "developer"}
    api("POST", f"{SPACE}/items", json=item)
    changed = {"key": "k", "value": "w", "dataChangeLastModifiedBy": "platform"}
    api("PUT", f"{SPACE}/items/k?createIfNotExists=true", json=changed)
    api("PUT", f"{SPACE}/encodedItems/aw==?createIfNotExists=true", json=changed)
    wish = {"releaseTitle": "by hand", "releaseComment": "HB-101", "releasedBy": "platform"}
    release = api("POST", f"{SPACE}/releases", json=wish).json()["id"]
    cluster = {"name": "huawei", "appId": "order-gateway", "dataChangeCreatedBy": "platform"}
    api("POST", f"{ENV}{APP}/clusters", json=cluster)
    namespace = {"appId": "order-gateway", "name": "database", "dataChangeCreatedBy": "platform"}
    api("POST", f"{APP}/appnamespaces", json=namespace)
    key = api("POST", f"{APP}/envs/DEV/accesskeys?operator=platform").json()["id"]
    for verb in ("activation", "deactivation"):
        api("PUT", f"{APP}/envs/DEV/accesskeys/{key}/{verb}?operator=platform")
    for path in (
        "/envs",
        "/apps",
        "/apps/authorized",
        APP,
        f"{APP}/envclusters",
        f"{ENV}{APP}/clusters/huawei",
        SPACE.rpartition("/")[0] + "?fillItemDetail=true",
        f"{SPACE}?fillItemDetail=true",
        f"{SPACE}/lock",
        f"{SPACE}/items?page=0&size=50",
        f"{SPACE}/items/k",
        f"{SPACE}/encodedItems/aw==",
        f"{SPACE}/releases/latest",
        f"{SPACE}/releases/active?page=0&size=5",
        f"{ENV}/releases/{release}",
        f"{ENV}/releases/comparison?baseReleaseId=0&toCompareReleaseId={release}",
        f"{ENV}/instances/by-release?releaseId={release}&page=0&size=20",
        f"{APP}/envs/DEV/clusters/default/namespaces/application/releases/histories",
        f"{APP}/envs/DEV/accesskeys",
    ):
        assert api("GET", path).status_code == 200, path
    api("DELETE", f"{SPACE}/items/k?operator=platform")
    api("POST", f"{SPACE}/items", json=item)
    api("DELETE", f"{SPACE}/encodedItems/aw==?operator=platform")
    api("DELETE", f"{APP}/envs/DEV/accesskeys/{key}?operator=platform")


def refused(api: Call, auditor: Call) -> None:
    """Refusals have the vendor's shape too."""
    item = {"key": "k", "value": "v", "dataChangeCreatedBy": "nobody"}
    answers = (
        api("POST", f"{SPACE}/items", json=item),
        auditor("POST", f"{SPACE}/items", json=item),
        api("GET", f"{SPACE}/items/absent"),
        api("GET", "/apps/absent"),
    )
    assert [answer.status_code for answer in answers] == [400, 403, 404, 404]


def test_every_exchange_is_as_the_document_says(judge: Judge, recorder: Recorder) -> None:
    assert len(recorder.exchanges) > 40
    assert [fault for each in recorder.exchanges for fault in judge.judge(each)] == []
    assert judge.unused_excuses() == []


def test_every_method_of_our_client_was_on_the_wire(recorder: Recorder) -> None:
    assert methods_of(Apollo) - recorder.spoke == set()


def test_every_endpoint_of_the_stand_in_was_called(recorder: Recorder, tmp_path) -> None:
    portal, service = applications(free_world(tmp_path, "apollo", "apollo-config"))
    endpoints_of(service, BASE)
    endpoints = endpoints_of(portal, BASE)
    assert len(endpoints) > 20
    assert not_called(endpoints, recorder.exchanges) == []

"""The configuration service: what applications read, and how they learn of news."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.apollo.access_keys import signature
from sandbox.world import World

Call = Callable[..., requests.Response]
CONFIG = "/configs/order-gateway/default/application"


def publish(call: Call, env: str, **items: str) -> int:
    base = f"/envs/{env}/apps/order-gateway/clusters/default/namespaces/application"
    for key, value in items.items():
        body = {"key": key, "value": value, "dataChangeLastModifiedBy": "platform"}
        answer = call("platform", "PUT", f"{base}/items/{key}?createIfNotExists=true", json=body)
        assert answer.status_code == 200
    body = {"releaseTitle": "t", "releasedBy": "platform"}
    return int(call("platform", "POST", f"{base}/releases", json=body).json()["id"])


def poll(read: Call, env: str, number: int) -> requests.Response:
    asked = json.dumps([{"namespaceName": "application", "notificationId": number}])
    query = {"appId": "order-gateway", "cluster": "default", "notifications": asked}
    return read(env, "/notifications/v2", params=query)


def test_what_is_released_is_read_per_environment(call: Call, read: Call) -> None:
    assert read("DEV", CONFIG).status_code == 404
    publish(call, "DEV", greeting="你好")
    shown = read("DEV", CONFIG).json()
    assert (shown["configurations"], shown["namespaceName"]) == ({"greeting": "你好"}, "application")
    assert read("PRO", CONFIG).status_code == 404
    key = shown["releaseKey"]
    assert read("DEV", CONFIG, params={"releaseKey": key}).status_code == 304
    publish(call, "DEV", greeting="再见")
    assert read("DEV", CONFIG, params={"releaseKey": key}).json()["releaseKey"] != key


def test_an_unknown_cluster_reads_the_default_one(call: Call, read: Call) -> None:
    publish(call, "DEV", greeting="default")
    shown = read("DEV", "/configs/order-gateway/elsewhere/application.properties").json()
    assert (shown["cluster"], shown["configurations"]["greeting"]) == ("default", "default")


def test_the_configuration_comes_as_a_file_too(call: Call, read: Call) -> None:
    publish(call, "FAT", path="a\\b", text="one\ntwo")
    name = "/order-gateway/default/application"
    assert read("FAT", f"/configfiles/json{name}").json() == {"path": "a\\b", "text": "one\ntwo"}
    assert read("FAT", f"/configfiles{name}").text == "path=a\\\\b\ntext=one\\ntwo\n"


def test_a_waiting_client_is_answered_by_a_release_and_by_a_rollback(call: Call, read: Call) -> None:
    publish(call, "PRO", v="1")
    known = poll(read, "PRO", -1).json()[0]["notificationId"]
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(poll, read, "PRO", known)
        release = publish(call, "PRO", v="2")
        news = waiting.result().json()[0]
    assert news["namespaceName"] == "application"
    assert news["notificationId"] > known
    details = {"order-gateway+default+application": news["notificationId"]}
    assert news["messages"] == {"details": details}
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(poll, read, "PRO", news["notificationId"])
        call("platform", "PUT", f"/envs/PRO/releases/{release}/rollback?operator=platform")
        assert waiting.result().status_code == 200
    assert read("PRO", CONFIG).json()["configurations"] == {"v": "1"}


def test_without_news_the_answer_is_304_when_the_time_is_up(call: Call, read: Call) -> None:
    publish(call, "FAT", quiet="1")
    known = poll(read, "FAT", -1).json()[0]["notificationId"]
    began = time.monotonic()
    assert poll(read, "FAT", known).status_code == 304
    assert 0.4 < time.monotonic() - began < 5


@pytest.mark.parametrize("given", ["", "[]", "{}", "no json", '[{"notificationId": 1}]'])
def test_malformed_notifications_are_400(read: Call, given: str) -> None:
    query = {"appId": "order-gateway", "cluster": "default", "notifications": given}
    assert read("PRO", "/notifications/v2", params=query).status_code == 400


def test_the_portal_knows_who_took_a_release(call: Call, read: Call) -> None:
    release = publish(call, "DEV", taken="1")
    by_release = f"/envs/DEV/instances/by-release?releaseId={release}&page=0&size=20"
    assert call("auditor", "GET", by_release).json()["total"] == 0
    read("DEV", CONFIG, params={"ip": "10.0.0.1"})
    [taken] = call("auditor", "GET", by_release).json()["instances"]
    assert (taken["ip"], taken["configs"][0]["release"]["id"]) == ("10.0.0.1", release)


def test_an_active_access_key_makes_signatures_necessary(world: World, call: Call, read: Call) -> None:
    publish(call, "DEV", secret="1")
    keys = "/apps/order-gateway/envs/DEV/accesskeys"
    key = call("platform", "POST", f"{keys}?operator=platform").json()
    assert read("DEV", CONFIG).status_code == 200
    assert call("auditor", "GET", keys).status_code == 403
    call("platform", "PUT", f"{keys}/{key['id']}/activation?operator=platform")
    assert read("DEV", CONFIG).status_code == 401

    def signed(stamp: str) -> dict[str, str]:
        sign = signature(stamp, f"/DEV{CONFIG}", key["secret"])
        return {"Timestamp": stamp, "Authorization": f"Apollo order-gateway:{sign}"}

    present = int(time.time() * 1000)
    assert read("DEV", CONFIG, headers=signed(str(present))).status_code == 200
    assert read("DEV", CONFIG, headers=signed(str(present - 120_000))).status_code == 401
    call("platform", "DELETE", f"{keys}/{key['id']}?operator=platform")
    assert read("DEV", CONFIG).status_code == 200


def test_the_signature_is_the_vendors() -> None:
    path = "/configs/100004458/default/application?ip=10.0.0.1"
    signed = signature("1576478257344", path, "df23df3f59884980844ff3dada30fa97")
    assert signed == "EoKyziXvKqzHgwx+ijDJwgVTDgE="  # apollo-core's SignatureTest


def test_the_service_says_where_it_is(world: World, read: Call) -> None:
    [service] = read("PRO", "/services/config").json()
    assert service["homepageUrl"] == f"{world.url('apollo-config')}/PRO/"
    assert read("UAT", "/services/config").status_code == 400

"""The portal's OpenAPI: apps, items, releases, rollback."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
import requests

from sandbox.world import World

Call = Callable[..., requests.Response]


def place(env: str) -> str:
    return f"/envs/{env}/apps/order-gateway/clusters/default/namespaces/application"


def put(call: Call, env: str, key: str, value: str) -> None:
    body = {"key": key, "value": value, "dataChangeLastModifiedBy": "platform"}
    path = f"{place(env)}/items/{key}?createIfNotExists=true"
    assert call("platform", "PUT", path, json=body).status_code == 200


def release(call: Call, env: str, title: str) -> int:
    body = {"releaseTitle": title, "releaseComment": "HB-101", "releasedBy": "platform"}
    answer = call("platform", "POST", f"{place(env)}/releases", json=body)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def test_a_token_is_needed_and_says_what_one_may(world: World, call: Call) -> None:
    url = f"{world.url('apollo')}/openapi/v1/envs"
    assert requests.get(url, timeout=30).status_code == 401
    assert requests.get(url, headers={"Authorization": "Bearer x"}, timeout=30).status_code == 401
    assert call("auditor", "GET", "/envs").json() == ["DEV", "FAT", "PRO"]
    body = {"key": "k", "value": "v", "dataChangeCreatedBy": "developer"}
    assert call("auditor", "POST", f"{place('DEV')}/items", json=body).status_code == 403
    assert call("developer", "POST", f"{place('PRO')}/items", json=body).status_code == 403
    assert call("developer", "POST", f"{place('DEV')}/items", json=body).status_code == 200


def test_an_app_exists_in_every_environment_and_only_once(call: Call) -> None:
    clusters = call("auditor", "GET", "/apps/order-gateway/envclusters").json()
    assert clusters == [{"env": env, "clusters": ["default"]} for env in ("DEV", "FAT", "PRO")]
    app = call("auditor", "GET", "/apps/order-gateway").json()
    assert app["name"] == "订单网关"
    again = call("platform", "POST", "/apps", json={"app": app})
    assert (again.status_code, "already exists" in again.json()["message"]) == (400, True)
    nobody = call("platform", "POST", "/apps", json={"app": app | {"appId": "x", "ownerName": "nobody"}})
    assert nobody.status_code == 400
    assert call("auditor", "GET", "/apps/nothing").status_code == 404
    assert call("auditor", "GET", f"{place('UAT')}/items").status_code == 400


def test_items_are_created_changed_listed_and_deleted(call: Call) -> None:
    items = f"{place('FAT')}/items"
    body = {"key": "limit", "value": "10", "comment": "限额", "dataChangeCreatedBy": "platform"}
    created = call("platform", "POST", items, json=body)
    assert (created.status_code, created.json()["value"], created.json()["comment"]) == (200, "10", "限额")
    assert call("platform", "POST", items, json=body).status_code == 400
    change = {"key": "limit", "value": "20", "dataChangeLastModifiedBy": "developer"}
    assert call("platform", "PUT", f"{items}/limit", json=change).status_code == 200
    shown = call("auditor", "GET", f"{items}/limit").json()
    assert (shown["value"], shown["dataChangeLastModifiedBy"]) == ("20", "developer")
    assert call("auditor", "GET", f"{items}?page=0&size=50").json()["total"] == 1
    assert call("platform", "PUT", f"{items}/absent", json=change | {"key": "absent"}).status_code == 404
    assert call("platform", "PUT", f"{items}/other", json=change).status_code == 400
    assert call("platform", "DELETE", f"{items}/limit?operator=platform").status_code == 200
    assert call("platform", "DELETE", f"{items}/limit?operator=platform").status_code == 400
    assert call("auditor", "GET", f"{items}/limit").status_code == 404


@pytest.mark.parametrize("operator", ["", "nobody"])
def test_a_change_needs_a_user_that_exists(call: Call, operator: str) -> None:
    body = {"key": "operated", "value": "1", "dataChangeCreatedBy": operator}
    assert call("platform", "POST", f"{place('FAT')}/items", json=body).status_code == 400
    wish = {"releaseTitle": "t", "releasedBy": operator}
    assert call("platform", "POST", f"{place('FAT')}/releases", json=wish).status_code == 400
    assert call("platform", "DELETE", f"{place('FAT')}/items/x?operator={operator}").status_code == 400


def test_an_odd_key_goes_encoded(call: Call) -> None:
    key = "路由/主 备#1"
    encoded = base64.urlsafe_b64encode(key.encode()).decode()
    body = {"key": key, "value": "a", "dataChangeLastModifiedBy": "platform"}
    path = f"{place('FAT')}/encodedItems/{encoded}"
    assert call("platform", "PUT", f"{path}?createIfNotExists=true", json=body).status_code == 200
    assert call("auditor", "GET", path).json()["key"] == key
    assert call("platform", "DELETE", f"{path}?operator=platform").status_code == 200


def test_the_latest_release_is_what_the_items_said_then(call: Call) -> None:
    latest = f"{place('PRO')}/releases/latest"
    none = call("auditor", "GET", latest)
    assert (none.status_code, none.content) == (200, b"")
    put(call, "PRO", "mode", "one")
    first = release(call, "PRO", "first")
    put(call, "PRO", "mode", "two")
    shown = call("auditor", "GET", latest).json()
    assert (shown["id"], shown["configurations"], shown["name"]) == (first, {"mode": "one"}, "first")
    second = release(call, "PRO", "second")
    comparison = f"/envs/PRO/releases/comparison?baseReleaseId={first}&toCompareReleaseId={second}"
    assert call("auditor", "GET", comparison).json()["changes"] == [
        {"changeType": "MODIFIED", "key": "mode", "oldValue": "one", "newValue": "two"}
    ]
    assert call("auditor", "GET", f"/envs/DEV/releases/{second}").status_code == 404


def test_rollback_goes_to_the_release_before_or_to_a_named_one(call: Call) -> None:
    numbers = []
    for value in ("a", "b", "c", "d"):
        put(call, "FAT", "step", value)
        numbers.append(release(call, "FAT", value))

    def running() -> str:
        latest = call("auditor", "GET", f"{place('FAT')}/releases/latest").json()
        return str(latest["configurations"]["step"])

    back = "/envs/FAT/releases/{}/rollback?operator=platform"
    assert call("auditor", "PUT", back.format(numbers[3])).status_code == 403
    assert call("platform", "PUT", back.format(numbers[3])).status_code == 200
    assert running() == "c"
    assert call("platform", "PUT", back.format(numbers[3])).status_code == 400
    to_first = f"{back.format(numbers[2])}&toReleaseId={numbers[0]}"
    assert call("platform", "PUT", to_first).status_code == 200
    assert running() == "a"
    alone = call("platform", "PUT", back.format(numbers[0]))
    assert (alone.status_code, "only one active release" in alone.json()["message"]) == (400, True)
    assert call("platform", "PUT", back.format(999)).status_code == 404
    histories = "/apps/order-gateway/envs/FAT/clusters/default/namespaces/application/releases/histories"
    told = [(x["operation"], x["releaseTitle"]) for x in call("auditor", "GET", histories).json()]
    assert told[:3] == [(1, "a"), (1, "c"), (0, "d")]


def test_a_page_shows_people_what_is_released_and_what_is_not(world: World, call: Call) -> None:
    put(call, "DEV", "shown", "<b>值</b>")
    url = f"{world.url('apollo')}/config.html"
    assert requests.get(url, timeout=30).status_code == 401
    page = requests.get(url, auth=("operations", world.secret("apollo.operations")), timeout=30).text
    assert "&lt;b&gt;值&lt;/b&gt;" in page
    assert 'id="/appid=order-gateway&amp;env=DEV&amp;cluster=default"' in page


def test_an_unknown_call_is_501_and_named(call: Call) -> None:
    answer = call("platform", "POST", "/configs/export")
    assert answer.status_code == 501
    assert "POST /openapi/v1/configs/export" in answer.json()["message"]

"""An Apollo of its own for each test module, with the app `order-gateway` in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sandbox.apollo.app import applications
from sandbox.serving import HttpService, Service
from sandbox.world import World
from stand_ins import free_world, served

Call = Callable[..., requests.Response]
APP = {
    "appId": "order-gateway",
    "name": "订单网关",
    "orgId": "trading",
    "orgName": "交易",
    "ownerName": "developer",
    "ownerEmail": "developer@example.com",
}


def create(world: World) -> list[Service]:
    """As the package's own `create`, with a long poll of half a second."""
    portal, config = applications(world, poll_seconds=0.5)
    return [HttpService(portal, world, "apollo"), HttpService(config, world, "apollo-config")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "apollo", "apollo-config"), create) as running:
        yield running


@pytest.fixture(scope="module")
def call(world: World) -> Call:
    """Call the portal as a consumer: call("platform", "GET", "/envs")."""

    def send(user: str, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": world.secret(f"apollo.{user}")}
        url = f"{world.url('apollo')}/openapi/v1{path}"
        return requests.request(method, url, headers=headers, timeout=30, **more)

    assert send("platform", "POST", "/apps", json={"app": APP}).status_code == 200
    return send


@pytest.fixture(scope="module")
def read(world: World) -> Call:
    """Read the configuration service: read("PRO", "/configs/…")."""

    def get(env: str, path: str, **more: Any) -> requests.Response:
        return requests.get(f"{world.url('apollo-config')}/{env}{path}", timeout=30, **more)

    return get

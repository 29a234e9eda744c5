"""An Artifactory of its own for each test module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sandbox.artifactory import create
from sandbox.world import World
from stand_ins import free_world, served

Call = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "artifactory"), create) as running:
        yield running


@pytest.fixture(scope="module")
def call(world: World) -> Call:
    """Call as a user: call("platform", "GET", "/repo/path")."""

    def send(user: str, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {world.secret(f'artifactory.{user}')}"}
        headers |= more.pop("headers", {})
        url = f"{world.url('artifactory')}/artifactory{path}"
        return requests.request(method, url, headers=headers, timeout=30, **more)

    return send

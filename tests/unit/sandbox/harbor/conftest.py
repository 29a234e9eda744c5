"""A Harbor of its own for each test module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.harbor import create
from sandbox.world import World
from stand_ins import free_world, served
from unit.sandbox.harbor.harbor_client import Client


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "harbor"), create) as running:
        yield running


@pytest.fixture
def ci(world: World) -> Client:
    return Client(world, "robot$ci")


@pytest.fixture
def platform(world: World) -> Client:
    return Client(world, "platform")


@pytest.fixture
def administrator(world: World) -> Client:
    return Client(world, "administrator")

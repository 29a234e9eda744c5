"""A misbehaving server and a retry policy that does not really sleep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hummingbird.clients.retrying import Retrying
from unit.clients.misbehaving import Server, serving
from unit.clients.sleeper import Sleeper


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as state:
        yield state


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@pytest.fixture
def retrying(sleeper: Sleeper) -> Retrying:
    return Retrying(sleep=sleeper, chance=lambda: 0.5)

"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from postgres import (
    empty_database,
    ledger_database,
    ledger_template,
    module_database,
    module_ledger,
    postgres_server,
    writer,
)
from sandbox_world import SandboxWorld, sandbox_world

__all__ = [
    "empty_database",
    "ledger_database",
    "ledger_template",
    "module_database",
    "module_ledger",
    "postgres_server",
    "writer",
]

# The same examples on every run, and no limit of time: a slow machine is no failure.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxWorld]:
    """The session's sandbox; nothing runs before a test asks for a system."""
    with sandbox_world(tmp_path_factory.mktemp("sandbox")) as world:
        yield world


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first: at the end one worker would be alone with it."""
    items.sort(key=lambda item: item.get_closest_marker("first") is None)

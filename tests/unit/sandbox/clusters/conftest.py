"""A running sandbox cluster, and the registry its images come from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.clusters.stopping import stop_pods
from sandbox.world import World
from stand_ins import free_world
from unit.sandbox.clusters.kubectl import Kubectl
from unit.sandbox.clusters.registry import TestRegistry
from unit.sandbox.clusters.running import Running


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = free_world(tmp_path, "dev")
    yield made
    stop_pods(made)


@pytest.fixture
def running(world: World) -> Iterator[Running]:
    made = Running(world)
    yield made
    made.stop()


@pytest.fixture
def registry() -> Iterator[TestRegistry]:
    made = TestRegistry()
    yield made
    made.close()


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The recordings of a real API server; tests from them are skipped where they do not lie."""
    parents = Path(__file__).resolve().parents
    for parent in parents:
        found = parent / "shared" / "reference" / "kubernetes"
        if found.exists():
            return found
    pytest.skip(
        "the recordings of a real API server (../shared/reference/kubernetes) are not on this machine"
    )


@pytest.fixture
def kubectl(running: Running, tmp_path: Path) -> Kubectl:
    return Kubectl(running, tmp_path)

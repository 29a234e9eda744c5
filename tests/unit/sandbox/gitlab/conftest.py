"""Fixtures: a GitLab stand-in on free ports, a receiver of webhooks, work trees of two people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline_runner import place_runner
from sandbox.gitlab.install import InstallError
from stand_ins import free_world
from unit.sandbox.gitlab.gitlab_world import Clone, Receiver, Running


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """The stand-in, empty."""
    server = Running(free_world(tmp_path / "home", "gitlab"))
    yield server
    server.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def project(running: Running) -> Any:
    """`trading/order-gateway`, created by the administrator through the API, empty."""
    administrator = running.api("administrator")
    group = administrator.groups.create({"name": "Trading", "path": "trading"})
    return administrator.projects.create({"name": "order-gateway", "namespace_id": group.id})


@pytest.fixture
def maintainer(running: Running, project: Any, tmp_path: Path) -> Clone:
    """The platform's work tree, with one commit pushed to master and develop."""
    clone = Clone(tmp_path / "platform", running.remote("platform"))
    clone.commit("初始提交", {"README.md": "# 订单网关\n", "src/app.py": "print('one')\n"})
    clone.git("push", "--quiet", "origin", "master", "master:develop")
    return clone


@pytest.fixture
def developer(running: Running, maintainer: Clone, tmp_path: Path) -> Clone:
    """A developer's work tree on a new feature branch of develop."""
    clone = Clone(tmp_path / "developer", running.remote("developer"))
    clone.git("fetch", "--quiet", "origin")
    clone.git("checkout", "--quiet", "-b", "feature/HB-101", "origin/develop")
    return clone


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `node` with gitlab-ci-local."""
    home = tmp_path_factory.mktemp("tool")
    try:
        place_runner(home)
    except InstallError as error:
        pytest.skip(f"gitlab-ci-local is not installed and cannot be: {error}")
    return home / "node"


@pytest.fixture
def hub(running: Running, maintainer: Clone, project: Any, installed: Path) -> Any:
    """The project as the platform sees it, with a runner."""
    (running.world.home / "node").symlink_to(installed)
    hub = running.api("platform").projects.get(project.id)
    hub.variables.create({"key": "REGISTRY_PASSWORD", "value": "very-secret-value", "masked": True})
    return hub


@pytest.fixture
def push(maintainer: Clone) -> Callable[[str], str]:
    """Push a .gitlab-ci.yml to develop; the commit."""

    def commit(content: str) -> str:
        sha = maintainer.commit("ci", {".gitlab-ci.yml": content})
        maintainer.git("push", "--quiet", "origin", "HEAD:develop")
        return sha

    return commit

"""A running Jira with its home, and clients of it as the platform uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from atlassian import Jira

from sandbox.jira import create
from sandbox.world import World
from stand_ins import free_world, served


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "jira"), create) as running:
        yield running


@pytest.fixture
def client(world: World) -> Callable[[str], Jira]:
    return lambda user: Jira(url=world.url("jira"), username=user, password=world.secret(f"jira.{user}"))


@pytest.fixture
def platform(client: Callable[[str], Jira]) -> Jira:
    return client("platform")


@pytest.fixture
def story(platform: Jira) -> str:
    fields = {"project": {"key": "HB"}, "issuetype": {"name": "Story"}, "summary": "冰山委托校验 <script>"}
    return str(platform.create_issue(fields=fields)["key"])


@pytest.fixture
def web(world: World) -> requests.Session:
    session = requests.Session()
    session.auth = ("developer", world.secret("jira.developer"))
    return session


@pytest.fixture
def fresh_world(tmp_path: Path) -> World:
    return free_world(tmp_path, "jira")

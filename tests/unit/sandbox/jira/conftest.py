"""A running Jira with its home, and clients of it as the platform uses them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from atlassian import Jira

from sandbox.jira import create
from sandbox.world import PORTS, World


def free_port_base() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1]) - PORTS["jira"]


@contextlib.contextmanager
def serving(world: World) -> Iterator[None]:
    """Serve in a thread of its own, as the process of the sandbox would."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stopping = asyncio.Event()

    async def run() -> None:
        services = create(world)
        for service in services:
            await service.start()
        ready.set()
        await stopping.wait()
        for service in services:
            await service.stop()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    assert ready.wait(20)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    running = World(home=tmp_path_factory.mktemp("home"), port_base=free_port_base())
    with serving(running):
        yield running


@pytest.fixture
def serve() -> Callable[[World], contextlib.AbstractContextManager[None]]:
    return serving


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
    return World(home=tmp_path, port_base=free_port_base())

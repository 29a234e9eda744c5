"""The command line of faults, and a rule that stands before its system starts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from faulty import fault
from ports import free_port_base
from sandbox.__main__ import main
from sandbox.faults.book import Book
from sandbox.serving import HttpService
from sandbox.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(home=tmp_path, port_base=free_port_base())


def _faults(world: World, *arguments: str) -> int:
    return main(["fault", *arguments, "--home", str(world.home), "--port-base", str(world.port_base)])


def test_a_rule_is_added_listed_and_cleared(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    match = ("--path", "^/v2/", "--method", "GET", "--count", "3", "--after", "1")
    assert _faults(world, "add", "harbor", "status", "status=502", "retry_after=2", *match) == 0
    (made,) = Book(world).rules("harbor")
    assert (made.settings["status"], made.settings["retry_after"], made.count, made.after) == (502, 2.0, 3, 1)
    assert _faults(world, "list") == 0
    assert "harbor  status status=502" in capsys.readouterr().out
    assert _faults(world, "clear", "--system", "jira") == 0
    assert len(Book(world).rules()) == 1
    assert _faults(world, "clear", str(made.id)) == 0
    assert Book(world).rules() == []


def test_a_rule_that_cannot_be_one_is_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert _faults(world, "add", "harbor", "latency", "minutes=3") == 2
    assert capsys.readouterr().err.startswith("settings.minutes: latency takes seconds")
    assert Book(world).rules() == []


def test_a_system_that_is_gone_stays_gone_over_a_restart(world: World) -> None:
    async def connects() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", world.port("harbor"))
        except ConnectionRefusedError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    async def play() -> None:
        with fault(world, "harbor", "gone"):
            for _ in range(2):
                service = HttpService(web.Application(), world, "harbor")
                await service.start()
                assert not await connects()
                await service.stop()
            service = HttpService(web.Application(), world, "harbor")
            await service.start()
        async with asyncio.timeout(10):
            while not await connects():
                await asyncio.sleep(0.02)
        await service.stop()

    asyncio.run(play())

"""Serving stand-ins for a test: in a thread of this process, on free ports."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.serving import Service
from sandbox.world import PORTS, World


def free_world(home: Path, *names: str) -> World:
    """A world whose ports for these systems are free at the moment."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            world = World(home=home, port_base=probe.getsockname()[1] - PORTS[names[0]])
        if all(_free(world.port(name)) for name in names):
            return world


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@contextmanager
def served(world: World, create: Callable[[World], list[Service]]) -> Iterator[World]:
    """Start the services, hand over, stop them."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> list[Service]:
        services = create(world)
        for service in services:
            await service.start()
        return services

    async def stop(services: list[Service]) -> None:
        for service in reversed(services):
            await service.stop()

    try:
        services = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        try:
            yield world
        finally:
            asyncio.run_coroutine_threadsafe(stop(services), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

"""Serving stand-ins for a test: in a thread of this process, on free ports."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ports import free_port_base
from sandbox.serving import Service
from sandbox.world import PORTS, World


def free_world(home: Path, *names: str) -> World:
    """A world whose ports for these systems and clusters are free at the moment."""
    return World(home=home, port_base=free_port_base(PORTS[name] for name in names))


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
        services = asyncio.run_coroutine_threadsafe(start(), loop).result(60)
        try:
            yield world
        finally:
            asyncio.run_coroutine_threadsafe(stop(services), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

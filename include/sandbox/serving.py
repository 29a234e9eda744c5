"""What a stand-in is to the process that serves it, and how an aiohttp application becomes one."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from typing import Protocol

from aiohttp import web

from sandbox.faults.book import Book
from sandbox.faults.door import Door
from sandbox.faults.layer import layer
from sandbox.world import World


class Service(Protocol):
    """One listening server: started once, stopped once."""

    async def start(self) -> None:
        """Listen; returns when the port answers."""

    async def stop(self) -> None:
        """Stop listening and finish what is under way, within five seconds."""


class HttpService:
    """An aiohttp application on a system's loopback port, with TLS when a context is given, and its faults.

    The application's first middleware is its access log, which so sees faulty answers too.
    """

    def __init__(
        self, app: web.Application, world: World, system: str, tls: ssl.SSLContext | None = None
    ) -> None:
        self.port = world.port(system)
        book = Book(world)
        app.middlewares.insert(min(1, len(app.middlewares)), layer(world, book, system))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=3, handler_cancellation=True)
        self._tls = tls
        self._site: web.TCPSite | None = None
        self._door = Door(book, system, self)

    async def start(self) -> None:
        await self._runner.setup()
        await self._door.start()

    async def stop(self) -> None:
        await self._door.stop()
        await self._runner.cleanup()

    async def listen(self) -> None:
        """Accept connections."""
        self._site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._tls)
        await self._site.start()

    async def shut(self) -> None:
        """Accept no more connections."""
        if self._site is not None:
            await self._site.stop()
            self._site = None

    def transports(self) -> Iterable[asyncio.Transport]:
        """The connections that are there."""
        served = self._runner.server.connections if self._runner.server is not None else []
        return [each.transport for each in served if each.transport is not None]

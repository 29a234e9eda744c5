"""What a stand-in is to the process that serves it, and how an aiohttp application becomes one."""

from __future__ import annotations

import ssl
from typing import Protocol

from aiohttp import web


class Service(Protocol):
    """One listening server: started once, stopped once."""

    async def start(self) -> None:
        """Listen; returns when the port answers."""

    async def stop(self) -> None:
        """Stop listening and finish what is under way, within five seconds."""


class HttpService:
    """An aiohttp application on one loopback port, with TLS when a context is given."""

    def __init__(self, app: web.Application, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=3, handler_cancellation=True)
        self._port = port
        self._tls = tls

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls).start()

    async def stop(self) -> None:
        await self._runner.cleanup()

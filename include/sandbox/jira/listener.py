"""An ASGI application as a service of our process: uvicorn without its own hold on signals and loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """Tells when it listens, and leaves signals to the process that it is part of."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class UvicornService:
    """One application on one loopback port."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._port = port
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; OSError when the port is taken."""
        # Bound here: uvicorn would end the whole process over a port in use.
        listening = socket.create_server(("127.0.0.1", self._port), reuse_port=False)
        config = uvicorn.Config(
            self._app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=3
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]), name="jira")
        started = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({started, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        if self._serving.done():
            started.cancel()
            await self._serving

    async def stop(self) -> None:
        """Finish what is under way, three seconds at most, and let the port go."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving

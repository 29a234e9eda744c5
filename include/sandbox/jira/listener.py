"""An ASGI application as a service of our process: uvicorn without its own hold on signals and loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterable, Iterator

import uvicorn

from sandbox.faults.asgi import FaultLayer
from sandbox.faults.door import Door


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
    """One application on one loopback port, and its faults."""

    def __init__(self, app: FaultLayer, port: int) -> None:
        self._app = app
        self.port = port
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._door = Door(app.book, "jira", self)
        app.connection = self._connection

    async def start(self) -> None:
        """Listen; OSError when the port is taken."""
        await self._door.start()

    async def stop(self) -> None:
        """Finish what is under way, three seconds at most, and let the port go."""
        await self._door.stop()
        await self._end()

    async def listen(self) -> None:
        """Accept connections, on a server of its own each time: uvicorn's has one life."""
        await self._end()
        # Bound here: uvicorn would end the whole process over a port in use.
        listening = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
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

    async def shut(self) -> None:
        """Accept no more connections."""
        for each in self._server.servers if self._server is not None else []:
            each.close()

    def transports(self) -> Iterable[asyncio.Transport]:
        """The connections that are there."""
        served = self._server.server_state.connections if self._server is not None else set()
        return [each.transport for each in served]

    def _connection(self, client: object) -> asyncio.Transport | None:
        found = (each for each in self.transports() if _peer(each) == client)
        return next(found, None)

    async def _end(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
            self._server = self._serving = None


def _peer(transport: asyncio.Transport) -> tuple[object, ...]:
    return tuple((transport.get_extra_info("peername") or ())[:2])

"""A reverse proxy before a stand-in that keeps every exchange: what is judged is what was on the wire."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from contract.vendor.exchange import Exchange

_OF_THE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "accept-encoding"})
_TRUSTING = ssl.create_default_context()
_TRUSTING.check_hostname = False
_TRUSTING.verify_mode = ssl.CERT_NONE


class Recorder:
    """Where clients are sent instead of to the stand-in, and what they said there."""

    def __init__(self, upstream: str, adding: Mapping[str, str]) -> None:
        self._adding = adding
        self.url = ""
        self.exchanges: list[Exchange] = []
        self.spoke: set[str] = set()
        """Methods of watched clients that were seen on the wire."""
        self._upstream = upstream
        self._during = ""
        self._under_way = 0
        self._settled = threading.Condition()

    def watched(self, client: Any) -> Any:
        """The client, its calls noted by name."""
        return _Watched(client, self)

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """Everything inside is said by this method."""
        outer, before = self._during, len(self.exchanges)
        self._during = outer or name
        try:
            yield
        finally:
            with self._settled:
                assert self._settled.wait_for(lambda: self._under_way == 0, 30), f"{name}: a call goes on"
            self._during = outer
            if len(self.exchanges) > before:
                self.spoke.add(name)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Pass one exchange on and keep it."""
        with self._settled:
            self._under_way += 1
        try:
            return await self._passed_on(request)
        finally:
            with self._settled:
                self._under_way -= 1
                self._settled.notify_all()

    async def _passed_on(self, request: web.Request) -> web.StreamResponse:
        session: aiohttp.ClientSession = request.app[_SESSION]
        body = await request.read()
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _OF_THE_CONNECTION}
        headers.update(self._adding)
        target = URL(self._upstream + request.raw_path, encoded=True)
        kept = bytearray()
        async with session.request(
            request.method, target, data=body, headers=headers, allow_redirects=False, ssl=_TRUSTING
        ) as answer:
            passed = {k: v for k, v in answer.headers.items() if k.lower() not in _OF_THE_CONNECTION}
            response = web.StreamResponse(status=answer.status, headers=passed)
            whole = "Content-Length" in answer.headers
            if whole:
                kept += await answer.read()
            else:
                await response.prepare(request)
            try:
                async for chunk in answer.content.iter_any():
                    kept += chunk
                    await response.write(chunk)
            finally:  # a watch ends when the client goes
                self._keep(request, body, answer, bytes(kept))
            if whole:
                await response.prepare(request)
                await response.write(bytes(kept))
            await response.write_eof()
        return response

    def _keep(
        self, request: web.Request, body: bytes, answer: aiohttp.ClientResponse, content: bytes
    ) -> None:
        sent = {name.lower(): value for name, value in request.headers.items()}
        answered = {name.lower(): value for name, value in answer.headers.items()}
        status, during = answer.status, self._during
        self.exchanges.append(
            Exchange(request.method, request.raw_path, sent, body, status, answered, content, during)
        )


class _Watched:
    """Looks like the client; parts of a client (Cluster.leases) are watched too."""

    def __init__(self, client: Any, recorder: Recorder) -> None:
        self._client = client
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return _Watched(found, self._recorder) if hasattr(found, "__dict__") else found

        def call(*arguments: Any, **named: Any) -> Any:
            with self._recorder.during(f"{type(self._client).__name__}.{name}"):
                return found(*arguments, **named)

        return call


_SESSION: web.AppKey[aiohttp.ClientSession] = web.AppKey("session", aiohttp.ClientSession)


@contextmanager
def recording(upstream: str, adding: Mapping[str, str] = MappingProxyType({})) -> Iterator[Recorder]:
    """A recorder on a port of its own before a stand-in; `adding` are headers that it sends along."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    recorder = Recorder(upstream, adding)

    async def start() -> web.AppRunner:
        app = web.Application(client_max_size=64 << 20)
        app[_SESSION] = aiohttp.ClientSession(auto_decompress=False)
        app.router.add_route("*", "/{path:.*}", recorder.handle)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        recorder.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def stop(runner: web.AppRunner) -> None:
        await runner.cleanup()
        await runner.app[_SESSION].close()

    try:
        runner = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
        try:
            yield recorder
        finally:
            asyncio.run_coroutine_threadsafe(stop(runner), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

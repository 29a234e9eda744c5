"""Faults of calls around an ASGI application."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults.answers import HEADER, instead, label
from sandbox.faults.book import Book
from sandbox.faults.choke import Drip, hand_of, reset
from sandbox.faults.control import Control
from sandbox.faults.rule import Rule
from sandbox.world import World


class FaultLayer:
    """The application with control routes and faults in front; `connection` finds a call's transport."""

    def __init__(self, app: ASGIApp, world: World, system: str, log: logging.Logger) -> None:
        self._app, self._system, self._log = app, system, log
        self.book = Book(world)
        self._control = Control(world, self.book, system)
        self.connection: Callable[[Any], asyncio.Transport | None] = lambda _: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call, or start and stop with the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        method, path = scope["method"], scope["path"]
        if self._control.is_for(path):
            body = await _body(receive)
            found = dict(parse_qsl(query))
            status, document = self._control.answer(
                method, path, found, headers.get("authorization", ""), body
            )
            await JSONResponse(document, status)(scope, receive, send)
            return
        asked = f"{path}?{query}" if query else path
        struck = self.book.strike(self._system, ("call", "door"), method, asked, _Named(headers))
        main: Rule | None = None
        for each in struck:
            self._log.info("%s %s fault %s", method, asked, label(each))
            if each.kind == "latency":
                await asyncio.sleep(each.settings["seconds"])
            else:
                main = each
        if main is None or main.where == "door":
            await self._app(scope, receive, send)
        else:
            await self._struck(main, scope, receive, send)

    async def _struck(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.kind in {"status", "throttle", "html", "watch_gone"}:
            if rule.settings.get("acting"):
                await self._app(scope, receive, _nowhere)
            status, headers, body = instead(rule)
            await Response(body, status, headers)(scope, receive, send)
            return
        if rule.kind == "truncate":
            await self._truncated(rule, scope, receive, send)
            return
        transport = self.connection(scope.get("client"))
        if transport is None:
            raise RuntimeError("the call's connection is not known to its server")
        if rule.kind == "upload_cut":
            await receive()
            reset(transport)
            return
        if rule.kind == "watch_dropped":
            asyncio.get_running_loop().call_later(rule.settings["seconds"], transport.abort)
            await self._app(scope, receive, send)
            return
        hand = hand_of(rule, transport)
        try:
            await self._app(scope, receive, send)
            if isinstance(hand, Drip):
                await hand.run(rule.settings["bytes_per_second"])
        finally:
            hand.done()

    async def _truncated(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        head: Message = {}
        content = bytearray()

        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            else:
                content.extend(message.get("body", b""))

        await self._app(scope, receive, kept)
        most = rule.settings["bytes"]
        body = bytes(content[: len(content) // 2 if most < 0 else most])
        headers = [each for each in head["headers"] if each[0].lower() != b"content-length"]
        headers += [
            (b"content-length", str(len(body)).encode()),
            (HEADER.lower().encode(), label(rule).encode()),
        ]
        await send({**head, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _Named(dict[str, str]):
    """Headers by name in any case."""

    def get(self, name: str, default: Any = "") -> Any:
        return super().get(name.lower(), default)


async def _nowhere(_: Message) -> None:
    """The answer is thrown away."""


async def _body(receive: Receive) -> bytes:
    content = bytearray()
    while True:
        message = await receive()
        content += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(content)

"""Faults of calls around an aiohttp application."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web, web_fileresponse
from aiohttp.typedefs import Handler, Middleware

from sandbox.faults.answers import HEADER, instead, label
from sandbox.faults.book import Book
from sandbox.faults.choke import Drip, hand_of, reset
from sandbox.faults.control import Control
from sandbox.faults.rule import Rule
from sandbox.world import World

# Files go through the transport like everything else: what the kernel sends itself cannot be cut.
web_fileresponse.NOSENDFILE = True  # type: ignore[misc]

FAULT = "sandbox.fault"
"""Key of a request: the label of the fault that struck it, for the access log."""


def layer(world: World, book: Book, system: str) -> Middleware:
    """The middleware: control routes, then the faults that strike this call."""
    control = Control(world, book, system)

    @web.middleware
    async def faults(request: web.Request, handler: Handler) -> web.StreamResponse:
        if control.is_for(request.path):
            authorization = request.headers.get("Authorization", "")
            body = await request.read()
            status, document = control.answer(
                request.method, request.path, request.query, authorization, body
            )
            return web.json_response(document, status=status)
        struck = book.strike(system, ("call", "door"), request.method, request.path_qs, request.headers)
        main: Rule | None = None
        for each in struck:
            request[FAULT] = label(each)
            if each.kind == "latency":
                await asyncio.sleep(each.settings["seconds"])
            else:
                main = each
        return await handler(request) if main is None else await _struck(main, request, handler)

    return faults


async def _struck(rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
    transport = request.transport
    if transport is None:
        return await handler(request)
    if rule.kind in {"status", "throttle", "html", "watch_gone"}:
        if rule.settings.get("acting"):
            await handler(request)
        status, headers, body = instead(rule)
        return web.Response(status=status, headers=headers, body=body)
    if rule.kind == "truncate":
        return _truncated(rule, await handler(request))
    if rule.where == "door":
        return await handler(request)  # the door shuts behind this call
    return await _on_the_wire(rule, transport, request, handler)


def _truncated(rule: Rule, answer: web.StreamResponse) -> web.StreamResponse:
    if isinstance(answer, web.Response) and isinstance(answer.body, bytes):
        most = rule.settings["bytes"]
        answer.body = answer.body[: len(answer.body) // 2 if most < 0 else most]
        answer.headers[HEADER] = label(rule)
    return answer


async def _on_the_wire(
    rule: Rule, transport: asyncio.Transport, request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Faults of the connection itself; the answer is sent here, so that the hand on it stays to its end."""
    if rule.kind == "upload_cut":
        with suppress(asyncio.IncompleteReadError):  # shorter than that: all of it was read
            await request.content.readexactly(rule.settings["bytes"])
        reset(transport)
        return web.Response(status=500)
    if rule.kind == "watch_dropped":
        asyncio.get_running_loop().call_later(rule.settings["seconds"], transport.abort)
        return await handler(request)
    hand = hand_of(rule, transport)
    try:
        answer = await handler(request)
        await answer.prepare(request)
        await answer.write_eof()
        if isinstance(hand, Drip):
            await hand.run(rule.settings["bytes_per_second"])
        return answer
    finally:
        hand.done()

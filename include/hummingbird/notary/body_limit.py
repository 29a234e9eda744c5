"""No request body larger than its path allows: counted as it arrives, whatever its headers say."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEBIBYTE = 1024 * 1024


class _TooLarge(Exception):
    pass


class BodyLimit:
    """ASGI middleware; answers 413."""

    def __init__(self, app: ASGIApp, limits: dict[str, int], otherwise: int) -> None:
        self._app = app
        self._limits = limits
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next(
            (n for path, n in self._limits.items() if scope["path"].startswith(path)), self._otherwise
        )
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > limit:
            await _refuse(limit)(scope, receive, send)
            return
        seen, started = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLarge:
            if not started:
                await _refuse(limit)(scope, receive, send)


def _refuse(limit: int) -> JSONResponse:
    message = f"the body is larger than {limit // MEBIBYTE} MiB"
    return JSONResponse({"error": {"kind": "Invalid", "message": message}}, status_code=413)

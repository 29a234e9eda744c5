"""The access log of an aiohttp application: one JSON line a request."""

from __future__ import annotations

import json
import time
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.faults.layer import FAULT


class AccessLog:
    """`access.log` in a stand-in's folder, as the outermost middleware."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "access.log").open("a", encoding="utf-8", buffering=1)
        self.middleware = self._made()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _made(self) -> Middleware:
        @web.middleware
        async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
            began = time.monotonic()
            response = await handler(request)
            line = {
                "at": round(time.time(), 3),
                "port": request.url.port,
                "method": request.method,
                "path": request.raw_path,
                "status": response.status,
                "ms": round((time.monotonic() - began) * 1000),
                "agent": request.headers.get("User-Agent", ""),
            }
            if FAULT in request:
                line["fault"] = request[FAULT]
            self._file.write(json.dumps(line) + "\n")
            return response

        return observe

"""What the recording must hold: every method of a client, every endpoint of a stand-in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

from aiohttp import web

from contract.vendor.exchange import Exchange


def methods_of(client: type, *, silent: Iterable[str] = ()) -> set[str]:
    """`Client.method` of all public methods but those that are known to say nothing on the wire."""
    quiet = {"close", *silent}
    return {
        f"{client.__name__}.{name}"
        for name in dir(client)
        if not name.startswith("_") and name not in quiet and callable(getattr(client, name))
    }


def not_called(endpoints: Iterable[tuple[str, re.Pattern[str]]], exchanges: Iterable[Exchange]) -> list[str]:
    """Endpoints (method, pattern of the decoded path) that no exchange was answered by with success."""
    fine = [(each.method, each.path) for each in exchanges if each.status < 400]
    return sorted(
        f"{method} {pattern.pattern}"
        for method, pattern in endpoints
        if not any(said == method and pattern.fullmatch(path) for said, path in fine)
    )


def endpoints_of(app: web.Application, below: str) -> list[tuple[str, re.Pattern[str]]]:
    """The calls that an application of a stand-in serves below a path; the application is closed."""
    found = []
    for route in app.router.routes():
        resource = route.resource
        if route.method not in ("HEAD", "*") and resource and resource.canonical.startswith(below):
            info = resource.get_info()
            found.append((route.method, info.get("pattern") or re.compile(re.escape(info["path"]))))

    async def close() -> None:
        runner = web.AppRunner(app)
        await runner.setup()
        await runner.cleanup()

    asyncio.run(close())
    return found

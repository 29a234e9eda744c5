"""How the supervisor asks whether something serves: a port that accepts, a page that answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

Probe = Callable[[], Awaitable[bool]]
ANSWER_WITHIN_SECONDS = 5.0
PREPARED_WITHIN_SECONDS = 60.0


async def fetch(
    url: str, headers: dict[str, str] | None = None, within: float = ANSWER_WITHIN_SECONDS
) -> tuple[int, bytes]:
    """Status and body of a plain GET; OSError or TimeoutError when nothing answers."""
    async with asyncio.timeout(within):
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            lines = [f"GET {target} HTTP/1.0", f"Host: {parts.netloc}", "Accept: application/json"]
            lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
            writer.write("\r\n".join([*lines, "", ""]).encode())
            await writer.drain()
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
    words = head.split(b" ", 2)
    return (int(words[1]) if len(words) > 1 and words[1].isdigit() else 0), body


async def get_json(url: str, headers: dict[str, str] | None = None) -> Any | None:
    """The JSON of a page that answers 200, else None."""
    try:
        status, body = await fetch(url, headers)
    except (OSError, TimeoutError):
        return None
    if status != 200:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None


def page(url: str) -> Probe:
    """Ready when the page answers 200 with JSON."""

    async def probe() -> bool:
        return await get_json(url) is not None

    return probe


def ports(numbers: Iterable[int]) -> Probe:
    """Ready when every port accepts a connection."""
    wanted = list(numbers)

    async def probe() -> bool:
        for number in wanted:
            try:
                async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                    _, writer = await asyncio.open_connection("127.0.0.1", number)
                writer.close()
            except (OSError, TimeoutError):
                return False
        return True

    return probe


def heartbeats(url: str, components: Iterable[str]) -> Probe:
    """Ready when Airflow's health page tells a heartbeat of each component newer than this probe."""
    born, wanted = datetime.now(UTC), tuple(components)

    def beats(told: dict[str, str], component: str) -> bool:
        latest = told.get(f"latest_{component}_heartbeat") or ""
        return told.get("status") == "healthy" and latest != "" and datetime.fromisoformat(latest) > born

    prepared: list[int] = []

    async def probe() -> bool:
        health = await get_json(f"{url}/api/v2/monitor/health") or {}
        if health and not prepared:
            # The execution API makes its versioned routes when first asked, which takes seconds and stops
            # everything else in the server: better now than when the first task starts.
            try:
                status, _ = await fetch(f"{url}/execution/health", within=PREPARED_WITHIN_SECONDS)
            except (OSError, TimeoutError):
                return False  # a busy machine: asked again
            prepared.append(status)
        return all(beats(health.get(component) or {}, component) for component in wanted)

    return probe

"""Sending what is owed: in order for each hook, again with growing pauses while the receiver fails."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp

from sandbox.gitlab.events.mishaps import mishap, overtaken, queue_of
from sandbox.gitlab.moment import now
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

ATTEMPTS = 40
LONGEST_PAUSE = 30.0
"""Seconds. Forty attempts with pauses doubling to it are about 18 minutes."""
TIMEOUT = aiohttp.ClientTimeout(total=10)


async def deliver(site: Site) -> None:
    """Deliver until cancelled."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(timeout=TIMEOUT, connector=connector, trust_env=False) as session:
        while True:
            site.deliveries_due.clear()
            first = _first_of_each_hook(site)
            ready = [delivery for delivery in first if delivery["due"] <= time.time()]
            if ready:
                await asyncio.gather(*(_send(site, session, delivery) for delivery in ready))
                continue
            pause = min((delivery["due"] for delivery in first), default=None)
            try:
                async with asyncio.timeout(None if pause is None else max(0.0, pause - time.time())):
                    await site.deliveries_due.wait()
            except TimeoutError:
                continue


def _first_of_each_hook(site: Site) -> list[Document]:
    first: dict[tuple[int, ...], Document] = {}
    for delivery in site.store.list("delivery"):
        first.setdefault(queue_of(delivery), delivery)
    return list(first.values())


async def _send(site: Site, session: aiohttp.ClientSession, delivery: Document) -> None:
    struck = mishap(site, delivery)
    if struck in {"", "webhook_doubled"}:
        await _post(site, session, delivery, times=2 if struck else 1)


async def _post(site: Site, session: aiohttp.ClientSession, delivery: Document, times: int) -> None:
    body = json.dumps(delivery["payload"], ensure_ascii=False).encode()
    try:
        for _ in range(times):
            async with session.post(
                delivery["url"], data=body, headers=delivery["headers"], allow_redirects=False
            ) as response:
                text = (await response.content.read(2000)).decode("utf-8", "replace")
                answer, temporary, failed = (
                    f"{response.status} {text}",
                    response.status >= 500,
                    response.status >= 400,
                )
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        answer, temporary, failed = f"{type(error).__name__}: {error}", True, True
    attempts = delivery["attempts"] + 1
    state = "delivered" if not failed else "pending" if temporary and attempts < ATTEMPTS else "failed"
    pause = min(LONGEST_PAUSE, 0.5 * 2 ** (attempts - 1))
    changed = {
        "attempts": attempts,
        "answer": answer,
        "state": state,
        "due": time.time() + pause,
        "sent_at": now(),
    }
    if not delivery.get("aside"):
        overtaken(site, delivery)
    with site.store.transaction():
        if state == "pending":
            site.store.put("delivery", {**delivery, **changed})
            return
        site.store.remove("delivery", delivery["id"])
        site.store.add(
            "finished_delivery", {**delivery, **changed}, project=delivery["project_id"], key=delivery["once"]
        )

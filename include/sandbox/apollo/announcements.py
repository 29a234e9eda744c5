"""Telling waiting clients that a namespace has a new release: event-driven, and remembered on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from sandbox.apollo.records import Records

POLL_SECONDS = 60.0
"""How long Apollo keeps a client waiting when nothing happens."""


class Announcements:
    """The latest announcement per environment and watch key `app+cluster+namespace`."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._waiting: set[asyncio.Event] = set()
        self._closed = False

    def announce(self, env: str, watch_key: str) -> None:
        """A release happened: remember it. Call `wake` once it is committed."""
        self._records.run("DELETE FROM message WHERE env = ? AND watch_key = ?", env, watch_key)
        self._records.run("INSERT INTO message (env, watch_key) VALUES (?, ?)", env, watch_key)

    def latest(self, env: str, watch_keys: Iterable[str]) -> dict[str, int]:
        """The number of the latest announcement of each key that has one."""
        found: dict[str, int] = {}
        for key in watch_keys:
            query = "SELECT id FROM message WHERE env = ? AND watch_key = ?"
            row = self._records.row(query, env, key)
            if row is not None:
                found[key] = row["id"]
        return found

    def wake(self) -> None:
        """Let every waiting client look again."""
        for event in self._waiting:
            event.set()

    def close(self) -> None:
        """Answer all who wait: the service stops."""
        self._closed = True
        self.wake()

    async def next(self, deadline: float) -> bool:
        """Wait for any announcement; False when the deadline (loop time) passed or the service stops."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout_at(deadline):
                if not self._closed:
                    await event.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(event)
        return not self._closed

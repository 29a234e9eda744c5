"""Whether a system is reached at all: its listener is shut, or swallows, as long as such a rule stands."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Protocol

from sandbox.faults.book import Book
from sandbox.faults.choke import Cut, reset
from sandbox.file_events import FileEvents


class Listener(Protocol):
    """What serves a port, as its door sees it."""

    port: int

    async def listen(self) -> None:
        """Accept connections."""

    async def shut(self) -> None:
        """Accept no more; connections that are there stay."""

    def transports(self) -> Iterable[asyncio.Transport]:
        """The connections that are there."""


class Door:
    """Follows the rules `gone` and `blackhole` of one system."""

    def __init__(self, book: Book, system: str, listener: Listener) -> None:
        self._book, self._system, self._listener = book, system, listener
        self._events = FileEvents()
        self._watching = ExitStack()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._state = ""
        self._pit: Pit | None = None
        self._timers: dict[int, asyncio.TimerHandle] = {}

    async def start(self) -> None:
        """Listen, or not, as the rules have it; follow them from now on."""
        self._events.start()
        self._watching.enter_context(self._events.watching(self._book.folder, self._changed.set))
        self._changed.set()
        self._state = "shut"
        await self._follow()
        self._task = asyncio.create_task(self._run(), name=f"door of {self._system}")

    async def stop(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for timer in self._timers.values():
            timer.cancel()
        self._watching.close()
        self._events.stop()
        if self._pit is not None:
            self._pit.close()
            for transport in list(self._listener.transports()):
                reset(transport)

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            await self._follow()

    async def _follow(self) -> None:
        self._changed.clear()
        standing = [each for each in self._book.rules(self._system) if each.where == "door" and each.active]
        wanted = standing[0].kind if standing else "open"
        for each in standing:
            if each.settings["seconds"] > 0 and each.id not in self._timers:
                loop = asyncio.get_running_loop()
                self._timers[each.id] = loop.call_later(each.settings["seconds"], self._book.clear, each.id)
        if wanted == self._state:
            return
        await self._leave()
        self._state = wanted
        if wanted == "open":
            await self._listener.listen()
        elif wanted == "gone":
            for transport in list(self._listener.transports()):
                reset(transport)
        else:
            # Connections that are there fall silent; new ones are never made.
            for transport in list(self._listener.transports()):
                Cut(transport, -1)
                transport.pause_reading()
            self._pit = Pit(self._listener.port)
        if standing:
            self._book.say(standing[0], "", "")

    async def _leave(self) -> None:
        """Out of the present state, with nothing listening."""
        if self._state == "open":
            await self._listener.shut()
        if self._pit is not None:
            self._pit.close()
            self._pit = None
            for transport in list(self._listener.transports()):
                reset(transport)


class Pit:
    """A listening port whose queue is full: the kernel drops what would connect, so nobody is answered."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen(0)
        self._fillers: list[socket.socket] = []
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            self._fillers.append(filler)

    def close(self) -> None:
        """Let the port go."""
        for each in (*self._fillers, self._socket):
            each.close()

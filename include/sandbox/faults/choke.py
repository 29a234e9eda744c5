"""A hand on one connection's output: let so many bytes through, one by one, or none; then reset it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterable
from typing import Any

from sandbox.faults.rule import Rule

_HEAD_ENDS = b"\r\n\r\n"
_AT_ONCE = struct.pack("ii", 1, 0)


def reset(transport: asyncio.Transport) -> None:
    """End a connection with a TCP reset."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:  # it may be gone with the other side
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()


class Choke:
    """Takes the place of a transport's write calls; what is written reaches nobody unless let through."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self._write = transport.write
        self._held = bytearray()
        self._asked_to_close = False
        self._ours = {"write": self._take, "writelines": self._take_all, "close": self._closed}
        vars(transport).update(self._ours)

    def _take(self, data: Any) -> None:
        self._held += bytes(data)
        self.taken()

    def _take_all(self, many: Iterable[Any]) -> None:
        self._take(b"".join(bytes(each) for each in many))

    def _closed(self) -> None:
        """Who closes the connection, at the answer's end or at the other side's, waits until we are done.

        Nothing more is read until then: the loop would tell the other side's end again and again.
        """
        self._asked_to_close = True
        self.transport.pause_reading()

    def taken(self) -> None:
        """Something was written."""

    def body(self) -> bytearray | None:
        """What was written after the head; None before the head is complete."""
        _, mark, body = self._held.partition(_HEAD_ENDS)
        return body if mark else None

    def release(self) -> None:
        """Let the connection be itself again."""
        for name in self._ours:
            vars(self.transport).pop(name, None)
        if self._asked_to_close:
            self.transport.close()

    def done(self) -> None:
        """The answer is over, whatever became of it."""
        self.release()


class Cut(Choke):
    """Lets the head and `most` bytes of the body through, then resets; nothing when `most` is negative."""

    def __init__(self, transport: asyncio.Transport, most: int) -> None:
        super().__init__(transport)
        self._most = most
        self._sent = 0
        self._over = most < 0

    def taken(self) -> None:
        """Pass on what may pass; forget the rest."""
        body = self.body()
        if self._over:
            self._held.clear()
        elif body is not None and not self.transport.is_closing():
            ends = len(self._held) - len(body) + min(self._most, len(body))
            self._write(bytes(self._held[self._sent : ends]))
            self._sent = ends
            if len(body) >= self._most:
                self._over = True
                asyncio.get_running_loop().call_later(0.05, self.end)  # what was written has left by then

    def done(self) -> None:
        """What was to reach nobody ends with a reset; an answer shorter than the cut has passed whole."""
        if self._most < 0:
            self.end()
        elif not self._over:
            self.release()

    def end(self) -> None:
        """Reset, if that has not happened yet."""
        if not self.transport.is_closing():
            reset(self.transport)


class Drip(Choke):
    """Lets the head through at once and the body byte by byte."""

    async def run(self, bytes_per_second: float) -> None:
        """Until everything is out or the other side has gone."""
        body = bytes(self.body() or b"")
        self._write(bytes(self._held[: len(self._held) - len(body)]))
        for each in body:
            if self.transport.is_closing():
                break
            self._write(bytes([each]))
            await asyncio.sleep(1 / bytes_per_second)
        self._asked_to_close = True


def hand_of(rule: Rule, transport: asyncio.Transport) -> Cut | Drip:
    """The hand that a rule of kind drip, reset or drop_answer lays on a connection; `done` ends it."""
    if rule.kind == "drip":
        return Drip(transport)
    return Cut(transport, -1 if rule.kind == "drop_answer" else rule.settings["bytes"])

"""Reading a container's log: whole, a tail, since a moment, followed to the container's end.

The file holds lines as the CRI writes them, `TIME STREAM F|P TEXT`; P is a line without its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.clusters.jsons import parse_time
from sandbox.clusters.runtime.container import Container
from sandbox.file_events import FileEvents


@dataclass(frozen=True)
class LogOptions:
    """What a log request asks for."""

    follow: bool = False
    timestamps: bool = False
    tail: int | None = None
    since: datetime | None = None
    limit: int | None = None

    @staticmethod
    def since_seconds(seconds: int) -> datetime:
        """The moment so many seconds ago."""
        return datetime.now(UTC) - timedelta(seconds=seconds)


def shown(line: bytes, options: LogOptions) -> bytes:
    """One line of the file as the client sees it; empty when it is older than asked for."""
    moment, _, rest = line.rstrip(b"\n").partition(b" ")
    _, _, rest = rest.partition(b" ")
    whole, _, text = rest.partition(b" ")
    if options.since and parse_time(_micro(moment.decode())) < options.since:
        return b""
    end = b"\n" if whole == b"F" else b""
    return (moment + b" " if options.timestamps else b"") + text + end


def _micro(moment: str) -> str:
    """Nanoseconds cut to what datetime knows."""
    return f"{moment[:26]}Z"


def last_lines(path: Path, lines: int, size: int) -> str:
    """The last lines of a log as text, at most so many bytes."""
    content = path.read_bytes().splitlines(keepends=True)[-lines:] if path.exists() else []
    text = b"".join(shown(each, LogOptions()) for each in content)
    return text[-size:].decode("utf-8", "replace")


async def stream(container: Container, files: FileEvents, options: LogOptions) -> AsyncIterator[bytes]:
    """The log in pieces; with `follow`, as it grows, until the container has ended."""
    if not container.log.exists():
        return
    changed = asyncio.Event()
    left = options.limit if options.limit is not None else None
    with (
        container.log.open("rb") as file,
        files.watching(container.log, changed.set),
        files.watching(container.folder, changed.set),
    ):
        rest, first = b"", True
        while True:
            over = container.ended is not None or not container.shim_lives
            data = rest + file.read()
            *lines, rest = data.splitlines(keepends=True) or [b""]
            if rest.endswith(b"\n"):
                lines, rest = [*lines, rest], b""
            if first and options.tail is not None:
                lines = lines[len(lines) - options.tail :] if options.tail < len(lines) else lines
            first = False
            piece = b"".join(shown(each, options) for each in lines)
            if left is not None:
                piece, left = piece[:left], left - len(piece[:left])
            if piece:
                yield piece
            if not options.follow or over or left == 0:
                return
            await changed.wait()
            changed.clear()

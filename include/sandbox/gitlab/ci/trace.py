"""A job's log: as the job wrote it, without the tool's margin, without secrets, bounded as in GitLab."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

LIMIT = 4 * 1024 * 1024
"""Bytes; GitLab's own default."""
LONGEST_LINE = 64 * 1024


class Trace:
    """An append-only file of one job."""

    def __init__(self, file: Path, job: str, secrets: list[str]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        self._secrets = [secret for secret in secrets if secret]
        self._margin = re.compile(rf"^{re.escape(job)}\s+(?:> )?")
        self._ended = re.compile(rf"^{re.escape(job)}\s+finished in .*\s(FAIL|WARN) (\d+)\s*$")
        self._summary = re.compile(r"^ (PASS|FAIL|WARN)  ")
        self._closed = False
        self._size = 0
        self.failure: tuple[str, int] | None = None
        """`FAIL` or `WARN` and the exit code, as soon as the tool has said so."""

    def write(self, text: str) -> None:
        """One line, masked."""
        for secret in self._secrets:
            text = text.replace(secret, "[MASKED]")
        line = f"{text}\n".encode()
        if self._size > LIMIT:
            return
        self._size += len(line)
        if self._size > LIMIT:
            line = f"\nJob's log exceeded limit of {LIMIT} bytes.\n".encode()
        with self._file.open("ab") as file:
            file.write(line)

    async def follow(self, stream: asyncio.StreamReader) -> None:
        """Take lines until the stream ends; a line without end is cut, so that memory stays bounded."""
        rest = b""
        while chunk := await stream.read(LONGEST_LINE):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._take(line)
        if rest:
            self._take(rest)

    def _take(self, raw: bytes) -> None:
        line = raw.decode("utf-8", "replace").rstrip("\r")
        if found := self._ended.match(line):
            self.failure = (found[1], int(found[2]))
            return
        # A job's own lines carry its name as margin: this is the tool's summary of them.
        self._closed = self._closed or self._summary.match(line) is not None
        if self._closed:
            return
        self.write(self._margin.sub("", line))

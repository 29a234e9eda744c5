"""Lines of JSON to and from a child process: bounded in time and length, with a beat during waits."""

from __future__ import annotations

import json
import os
import select
import time
from typing import Any

from hummingbird.workloads.cases.runner import Beat

LONGEST = 4 * 1024 * 1024
"""Bytes of one line; the other end is the code under test."""
BEAT_SECONDS = 1.0
"""How often the beat is called while the other end is silent."""


class Silent(Exception):
    """No answer in time."""


class Broken(Exception):
    """The other end is gone, or says what is no answer."""


class LinePipe:
    """Two pipes: `for_child` are the ends that the child reads from and writes to."""

    def __init__(self) -> None:
        read, self._write = os.pipe()
        self._read, write = os.pipe()
        self.for_child = (read, write)
        self._buffer = b""

    def started(self) -> None:
        """The child has its ends: give ours of them up, so that its death is seen."""
        for number in self.for_child:
            os.close(number)

    def ask(self, document: dict[str, Any]) -> None:
        """Send one line; Broken when nobody reads any more."""
        try:
            os.write(self._write, json.dumps(document).encode() + b"\n")
        except BrokenPipeError as error:
            raise Broken("it does not listen any more") from error

    def answer(self, seconds: float, beat: Beat) -> dict[str, Any]:
        """The next line; Silent when it does not come in time, Broken when it is none."""
        ends = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            left = ends - time.monotonic()
            if left <= 0:
                raise Silent
            if not select.select([self._read], [], [], min(left, BEAT_SECONDS))[0]:
                beat()
                continue
            block = os.read(self._read, 65536)
            if not block:
                raise Broken("it left without an answer")
            self._buffer += block
            if len(self._buffer) > LONGEST:
                raise Broken(f"its answer is longer than {LONGEST} bytes")
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            told = json.loads(line)
        except ValueError as error:
            raise Broken("its answer is not JSON") from error
        if not isinstance(told, dict):
            raise Broken("its answer is no document")
        return told

    def close(self) -> None:
        """Close our ends."""
        os.close(self._read)
        os.close(self._write)

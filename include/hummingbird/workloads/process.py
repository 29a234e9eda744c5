"""Starting programs: no shell, a time limit, a clean environment, output that can not fill the memory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hummingbird.core.errors import NotFound, Unreachable

TAIL = 64 * 1024
"""Bytes kept of each output: the end is where programs say what went wrong."""
LARGEST_FILE = 256 * 1024 * 1024
"""Bytes that may go to a file on the node's disk; what comes after is read and dropped."""
BLOCK = 64 * 1024


@dataclass(frozen=True)
class Ended:
    """How a program ended: `code` as the system has it, negative for a signal; seconds of wall time."""

    code: int
    out: str
    err: str
    seconds: float
    in_time: bool

    @property
    def end(self) -> str:
        """The end of what it said, on one line, for a sentence."""
        return " ".join((self.out + self.err).split())[-300:]


class _Drain(threading.Thread):
    """Reads a pipe to its end and keeps little: the tail, or a bounded file."""

    def __init__(self, pipe: IO[bytes], file: Path | None) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._file = file
        self._tail = b""

    def run(self) -> None:
        """Read until the other end is closed."""
        if self._file is None:
            while block := self._pipe.read1(BLOCK):  # type: ignore[attr-defined]
                self._tail = (self._tail + block)[-TAIL:]
            return
        with self._file.open("wb") as file:
            while block := self._pipe.read1(BLOCK):  # type: ignore[attr-defined]
                if file.tell() < LARGEST_FILE:
                    file.write(block)

    @property
    def text(self) -> str:
        """The end of what was read."""
        return self._tail.decode("utf-8", "replace")


def clean_environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a started program may know: where programs are and where it may write. No ticket, no token."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SSL_CERT_FILE") if name in os.environ
    }
    basics = {"HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**kept, **basics, **(more or {})}


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    seconds: float,
    stdout: Path | None = None,
) -> Ended:
    """Run to the end or to the time limit, then stop the whole process group.

    Raises NotFound when the program does not exist, Unreachable when the machine can not start it now.
    """
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
    except FileNotFoundError as error:
        raise NotFound(f"{argv[0]} is not installed here ({error.strerror})") from error
    except OSError as error:
        raise Unreachable(f"{argv[0]} can not be started: {error.strerror}") from error
    if process.stdout is None or process.stderr is None:
        raise Unreachable(f"{argv[0]} was started without pipes")
    drains = (_Drain(process.stdout, stdout), _Drain(process.stderr, None))
    for drain in drains:
        drain.start()
    in_time = True
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        in_time = False
    finally:
        if process.poll() is None:
            stop_group(process)
    for drain, pipe in zip(drains, (process.stdout, process.stderr), strict=True):
        drain.join(2)
        if drain.is_alive():  # a child it left behind holds the pipe, so the group still exists
            stop_group(process)
            drain.join(5)
        if not drain.is_alive():
            pipe.close()
    return Ended(process.returncode, drains[0].text, drains[1].text, time.monotonic() - began, in_time)


def stop_group(process: subprocess.Popen[bytes]) -> None:
    """End the program and what it started, all of its process group."""
    with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

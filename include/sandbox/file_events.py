"""File events of Linux (inotify) for asyncio: how a kubelet and the faults learn of changes at once."""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_MODIFY, _MOVED_TO = 0x2, 0x80
_IGNORED = 0x8000
_MASK = _MODIFY | _MOVED_TO
_EVENT = struct.Struct("iIII")

_libc = ctypes.CDLL(None, use_errno=True)


class FileEvents:
    """One inotify instance; callbacks run in the event loop, once per burst."""

    def __init__(self) -> None:
        self._descriptor = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self._callbacks: dict[int, list[Callable[[], None]]] = {}

    def start(self) -> None:
        """Begin to deliver events in the running loop."""
        asyncio.get_running_loop().add_reader(self._descriptor, self._deliver)

    def stop(self) -> None:
        """Deliver no more."""
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)

    @contextmanager
    def watching(self, path: Path, callback: Callable[[], None]) -> Iterator[None]:
        """Call back while a file grows or files are renamed into a folder; OSError when it is not there."""
        watch = _libc.inotify_add_watch(self._descriptor, os.fsencode(path), _MASK)
        if watch < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
        self._callbacks.setdefault(watch, []).append(callback)
        try:
            yield
        finally:
            rest = self._callbacks.get(watch, [])
            if callback in rest:
                rest.remove(callback)
            if not rest and self._callbacks.pop(watch, None) is not None:
                _libc.inotify_rm_watch(self._descriptor, watch)

    def _deliver(self) -> None:
        try:
            data = os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return
        touched: dict[int, None] = {}
        at = 0
        while at < len(data):
            watch, mask, _, length = _EVENT.unpack_from(data, at)
            at += _EVENT.size + length
            if mask & _IGNORED:
                continue
            touched[watch] = None
        for watch in touched:
            for callback in list(self._callbacks.get(watch, ())):
                callback()

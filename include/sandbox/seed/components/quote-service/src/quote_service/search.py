"""Finds securities by a part of their name.

The index is made when somebody searches for the first time, beside the callers: whoever comes before it is finished is
told to come again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

Names = Mapping[str, str]


class IndexNotReadyError(Exception):
    """The index is being made; the same question again will be answered."""


class NameSearch:
    """Finds the codes of the securities whose names contain a text; asked by several threads."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._lock = threading.Lock()
        self._making: threading.Thread | None = None
        self._index: dict[str, list[str]] | None = None

    def codes(self, part: str) -> list[str]:
        """Codes in the order of the names given; IndexNotReadyError until the index is there."""
        with self._lock:
            index = self._index
            if index is None and self._making is None:
                self._making = threading.Thread(target=self._make, name="name-index", daemon=True)
                self._making.start()
        if index is None:
            raise IndexNotReadyError("the index of names is being made; ask again")
        return index.get(part, [])

    def _make(self) -> None:
        index: dict[str, list[str]] = {}
        for code, name in self._names.items():
            for part in set(_parts(name)):
                index.setdefault(part, []).append(code)
        with self._lock:
            self._index = index


def _parts(name: str) -> Iterable[str]:
    ends = range(1, len(name) + 1)
    return (name[begin:end] for end in ends for begin in range(end))

"""A tree of hashes over rows (RFC 9162 §2.1): its root names all of them, a short path shows one of them.

https://www.rfc-editor.org/rfc/rfc9162#name-merkle-trees
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").hexdigest()
"""The root of no rows."""


class Tree:
    """Leaves and roots as 64 hex digits; a leaf is the hash of a ledger row."""

    def __init__(self, leaves: Sequence[str]) -> None:
        self.size = len(leaves)
        self._levels = [[_digest(b"\x00", bytes.fromhex(leaf)) for leaf in leaves]]
        while len(self._levels[-1]) > 1:
            self._levels.append(_above(self._levels[-1]))

    @property
    def root(self) -> str:
        """What names all leaves in their order."""
        return self._levels[-1][0].hex() if self.size else EMPTY

    def path(self, index: int) -> list[str]:
        """The neighbours on the way from a leaf (from 0) to the root, lowest first."""
        found = []
        for level in self._levels[:-1]:
            neighbour = index ^ 1
            if neighbour < len(level):
                found.append(level[neighbour].hex())
            index //= 2
        return found


def _above(level: list[bytes]) -> list[bytes]:
    pairs = [_digest(b"\x01", level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def _digest(prefix: bytes, content: bytes) -> bytes:
    return hashlib.sha256(prefix + content).digest()

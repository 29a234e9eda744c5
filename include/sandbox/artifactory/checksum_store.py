"""Content on disk by SHA-256, written whole or not at all; SHA-1 and MD5 are computed on the way in."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Checksums:
    """What identifies content, and its size in bytes."""

    sha256: str
    sha1: str
    md5: str
    size: int


class ChecksumStore:
    """All content of all repositories, each piece once."""

    def __init__(self, root: Path) -> None:
        self._files = root / "filestore"
        self._incoming = root / "incoming"
        self._files.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where content of a SHA-256 lies."""
        return self._files / sha256[:2] / sha256

    async def receive(self, pieces: AsyncIterator[bytes]) -> tuple[Path, Checksums]:
        """Stream content into an incoming file; `keep` or `discard` decides its fate."""
        incoming = self._incoming / str(uuid.uuid4())
        sha256, sha1 = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
        md5, size = hashlib.md5(usedforsecurity=False), 0
        with incoming.open("wb") as file:
            async for piece in pieces:
                file.write(piece)
                for sum_ in (sha256, sha1, md5):
                    sum_.update(piece)
                size += len(piece)
        return incoming, Checksums(sha256.hexdigest(), sha1.hexdigest(), md5.hexdigest(), size)

    def keep(self, incoming: Path, sums: Checksums) -> None:
        """Give incoming content its place."""
        target = self.path(sums.sha256)
        target.parent.mkdir(exist_ok=True)
        incoming.replace(target)

    def discard(self, incoming: Path) -> None:
        """Drop incoming content."""
        incoming.unlink()

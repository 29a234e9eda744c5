"""Content by digest on disk. A file appears under its digest whole or not at all (atomic rename)."""

from __future__ import annotations

import uuid
from pathlib import Path

from sandbox.harbor.digests import digest_of


class BlobFiles:
    """Blobs and manifests of all repositories; who may see which is the database's business."""

    def __init__(self, root: Path) -> None:
        self._blobs = root / "blobs"
        self._uploads = root / "uploads"
        self._uploads.mkdir(parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        """Where the content of a (checked) digest lies."""
        algorithm, hexadecimal = digest.split(":")
        return self._blobs / algorithm / hexadecimal[:2] / hexadecimal

    def upload(self, identifier: str) -> Path:
        """The growing file of an upload under way."""
        return self._uploads / identifier

    def keep(self, upload: Path, digest: str) -> None:
        """Move a verified upload under its digest."""
        target = self.path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        upload.replace(target)

    def put(self, content: bytes, algorithm: str = "sha256") -> str:
        """Store bytes and return their digest."""
        digest = digest_of(content, algorithm)
        if not self.path(digest).exists():
            upload = self.upload(str(uuid.uuid4()))
            upload.write_bytes(content)
            self.keep(upload, digest)
        return digest

    def read(self, digest: str) -> bytes:
        """The content of a small blob, a manifest or an image's configuration."""
        return self.path(digest).read_bytes()

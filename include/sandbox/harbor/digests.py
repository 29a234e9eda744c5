"""What a digest is: `algorithm:hex`, checked before it becomes a path on disk."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from sandbox.harbor.errors import HarborError

_DIGEST = re.compile(r"(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})")
_CHUNK = 1 << 20


def is_digest(reference: str) -> bool:
    """Whether a manifest reference is a digest rather than a tag."""
    return ":" in reference


def checked(digest: str) -> str:
    """The digest itself; 400 DIGEST_INVALID when it is none."""
    if not _DIGEST.fullmatch(digest):
        raise HarborError(400, "DIGEST_INVALID", f"invalid digest {digest!r}")
    return digest


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    """The digest of bytes in memory."""
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def digest_of_file(path: Path, algorithm: str) -> str:
    """The digest of a file, read in pieces."""
    sum_ = hashlib.new(algorithm)
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            sum_.update(piece)
    return f"{algorithm}:{sum_.hexdigest()}"

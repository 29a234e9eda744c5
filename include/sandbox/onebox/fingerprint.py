"""What a step depends on, as one hash: the step is done again when it changes."""

from __future__ import annotations

import hashlib
from pathlib import Path


def fingerprint(*sources: Path | str) -> str:
    """Hash of texts, files and whole folders (names and bytes, compiled files left out)."""
    content = hashlib.sha256()
    for source in sources:
        if isinstance(source, str):
            content.update(b"text" + source.encode())
            continue
        files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
        for path in files:
            if path.suffix != ".pyc":
                content.update(str(path.relative_to(source.parent)).encode() + b"\0" + path.read_bytes())
    return content.hexdigest()

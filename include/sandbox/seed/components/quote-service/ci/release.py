"""What every step of the pipeline knows about the release it works on."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

COMPONENT = "quote-service"
REPOSITORY = "trading-dev-local"
DIST = Path("dist")


def version() -> str:
    """The version of this checkout."""
    return Path("VERSION").read_text("utf-8").strip()


def commit() -> str:
    """The commit that the pipeline runs for."""
    return os.environ["CI_COMMIT_SHA"]


def archive() -> Path:
    """The package that the pipeline makes."""
    return DIST / f"{COMPONENT}-{version()}.tar.gz"


def archive_path() -> str:
    """Where the package lies in its repository; the commit keeps two builds of a version apart."""
    return f"{COMPONENT}/{version()}/{commit()}/{archive().name}"


def sha256(path: Path) -> str:
    """Hash of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

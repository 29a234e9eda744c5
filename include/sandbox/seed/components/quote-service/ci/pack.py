"""Pack the sources, contract and configuration: the same commit gives the same bytes."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

from release import COMPONENT, archive, sha256, version

CONTENTS = ("src", "config", "openapi.yaml", "VERSION", "README.md")


def files() -> list[Path]:
    """Every file of the package in a fixed order, without what Python or tests left behind."""
    found: list[Path] = []
    for name in CONTENTS:
        path = Path(name)
        found += [path] if path.is_file() else [item for item in path.rglob("*") if item.is_file()]
    return sorted(item for item in found if "__pycache__" not in item.parts)


def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """An entry without owner, time and mode of this machine."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o644
    return entry


def pack(target: Path) -> None:
    """Write the archive."""
    target.parent.mkdir(exist_ok=True)
    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in files():
            tar.add(path, arcname=f"{COMPONENT}-{version()}/{path.as_posix()}", filter=plain)


if __name__ == "__main__":
    pack(archive())
    print(f"{archive()} sha256:{sha256(archive())}")

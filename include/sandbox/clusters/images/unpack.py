"""Layers into a root folder: tar or tar+gzip, whiteouts applied, nothing written outside the folder."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath

from sandbox.clusters.images.registry import PullError

_OPAQUE = ".wh..wh..opq"


def unpack(layer: Path, root: Path) -> None:
    """Lay one layer over a root folder; PullError for a member that leaves it or cannot be kept."""
    try:
        with tarfile.open(layer, "r:*") as archive:
            for member in archive:
                _lay(archive, member, root)
    except (tarfile.TarError, EOFError) as problem:
        raise PullError(f"failed to extract layer {layer.name}: {problem}") from problem


def _lay(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    name = PurePosixPath(member.name.lstrip("/"))
    if ".." in name.parts:
        raise PullError(f"failed to extract layer: {member.name!r} leaves the root folder")
    if str(name) == ".":
        return
    target = root / name
    _inside(target.parent, root)
    if name.name == _OPAQUE:
        for each in target.parent.iterdir():
            _clear(each)
        return
    if name.name.startswith(".wh."):
        _clear(target.with_name(name.name.removeprefix(".wh.")))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if member.isdir():
        if target.is_symlink() or target.is_file():
            target.unlink()
        target.mkdir(exist_ok=True)
    else:
        _clear(target)
        _make(archive, member, target, root)


def _make(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path, root: Path) -> None:
    """A link or a file; devices and pipes are left out: an ordinary user cannot make them."""
    if member.issym():
        target.symlink_to(member.linkname)
    elif member.islnk():
        source = root / member.linkname.lstrip("/")
        _inside(source, root)
        target.hardlink_to(source)
    elif member.isfile():
        content = archive.extractfile(member)
        with target.open("wb") as file:
            if content:
                shutil.copyfileobj(content, file)
        target.chmod(0o555 if member.mode & 0o111 else 0o444)
        _date(target, member.mtime)


def _date(path: Path, moment: float) -> None:
    os.utime(path, (moment, moment))


def _inside(path: Path, root: Path) -> None:
    """Refuse a path that a link of an earlier layer leads outside."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise PullError(f"failed to extract layer: {path.relative_to(root)} leaves the root folder by a link")


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

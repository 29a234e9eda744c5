"""A layer: a folder or file as tar and gzip whose bytes depend on content alone.

Sorted names, time zero, one owner, mode 0755 or 0644, no host names. Bytecode is left out: it holds times.
The same files give the same bytes for one version of zlib; another zlib may compress differently.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from hummingbird.core.errors import Invalid

OWNER = 65532
"""User and group of every file and of the image's process: `nonroot` by the custom of distroless images."""
LEFT_OUT = frozenset({"__pycache__", ".git", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".DS_Store"})
COMPRESSION = 6


@dataclass(frozen=True)
class Addition:
    """One `--add SRC:DEST`: a file or a folder's contents here, and where they lie in the image."""

    source: Path
    destination: PurePosixPath

    @classmethod
    def parse(cls, text: str) -> Addition:
        """Read `SRC:DEST`; raises Invalid unless SRC exists and DEST is an absolute path without `..`."""
        source, separator, destination = text.rpartition(":")
        place = PurePosixPath(destination)
        if not separator or not source or not place.is_absolute() or ".." in place.parts:
            raise Invalid(f"--add {text}: expected SRC:DEST with an absolute DEST such as src:/app")
        if not Path(source).exists():
            raise Invalid(f"--add {text}: {source} does not exist")
        return cls(Path(source), place)


@dataclass(frozen=True)
class Layer:
    """A written layer: its file, the digest of the compressed bytes and of the plain tar."""

    path: Path
    digest: str
    diff_id: str
    size: int


class _Digesting(io.RawIOBase):
    """Passes bytes on to a file and hashes them on the way."""

    def __init__(self, target: IO[bytes] | gzip.GzipFile) -> None:
        self._target = target
        self.sha256 = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """This stream is written to, never read."""
        return True

    def write(self, content: object) -> int:
        """Write all of the content."""
        block = bytes(content)  # type: ignore[call-overload]
        self.sha256.update(block)
        self.size += len(block)
        self._target.write(block)
        return len(block)

    @property
    def digest(self) -> str:
        """The digest of everything written so far."""
        return f"sha256:{self.sha256.hexdigest()}"


def write_layer(addition: Addition, target: Path) -> Layer:
    """Write an addition's layer; raises Invalid for links that leave the folder and for special files."""
    with target.open("wb") as file:
        packed = _Digesting(file)
        with gzip.GzipFile("", "wb", COMPRESSION, packed, mtime=0) as compressor:
            plain = _Digesting(compressor)
            with tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                for entry, source in _entries(addition):
                    if source is None:
                        tar.addfile(entry)
                        continue
                    with source.open("rb") as content:
                        tar.addfile(entry, content)
    return Layer(target, packed.digest, plain.digest, packed.size)


def _entries(addition: Addition) -> Iterator[tuple[tarfile.TarInfo, Path | None]]:
    place = addition.destination
    is_file = addition.source.is_file()
    folders = list(reversed(place.parents)) if is_file else [*reversed(place.parents), place]
    for folder in folders:
        if folder != PurePosixPath("/"):
            yield _entry(folder, tarfile.DIRTYPE, executable=True), None
    if is_file:
        yield _file_entry(addition.source, place), addition.source
        return
    for path in _files(addition.source):
        inside = place / path.relative_to(addition.source).as_posix()
        if path.is_symlink():
            entry = _entry(inside, tarfile.SYMTYPE, executable=True)
            entry.linkname = _link_inside(path, addition.source)
            yield entry, None
        elif path.is_dir():
            yield _entry(inside, tarfile.DIRTYPE, executable=True), None
        elif path.is_file():
            yield _file_entry(path, inside), path
        else:
            raise Invalid(f"{path} is neither file, folder nor link; an image can not hold it")


def _files(folder: Path) -> list[Path]:
    """Everything below a folder, sorted by the names' bytes, so that the locale has no say."""
    found: list[Path] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        kept = [name for name in files if name not in LEFT_OUT and not name.endswith(".pyc")]
        found += [Path(parent, name) for name in (*folders, *kept)]
    return sorted(found, key=lambda path: [os.fsencode(part) for part in path.parts])


def _file_entry(source: Path, place: PurePosixPath) -> tarfile.TarInfo:
    status = source.stat()
    entry = _entry(place, tarfile.REGTYPE, executable=bool(status.st_mode & stat.S_IXUSR))
    entry.size = status.st_size
    return entry


def _entry(place: PurePosixPath, kind: bytes, *, executable: bool) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(place.relative_to("/").as_posix())
    entry.type = kind
    entry.mode = 0o755 if executable else 0o644
    entry.uid = entry.gid = OWNER
    return entry


def _link_inside(link: Path, root: Path) -> str:
    target = os.readlink(link)  # noqa: PTH115 - the text as it is, not a Path made of it
    resolved = (link.parent / target).resolve()
    if os.path.isabs(target) or not resolved.is_relative_to(root.resolve()):  # noqa: PTH117
        raise Invalid(f"{link} points to {target}, outside of what is added")
    return target

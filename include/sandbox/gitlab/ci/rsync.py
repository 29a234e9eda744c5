"""The calls of rsync that gitlab-ci-local makes, on machines without rsync. Standard library only.

Options: -a, -r, -R (keep the given path), --delete, --delete-excluded, --exclude, --exclude-from,
--files-from. Anything else ends with code 1 and a sentence.
"""

from __future__ import annotations

import argparse
import fnmatch
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path


def excluded(path: str, is_folder: bool, patterns: list[str]) -> bool:
    """Whether a path relative to the transfer's root is left out, by rsync's rules for these patterns."""
    for pattern in patterns:
        if pattern.endswith("/") and not is_folder:
            continue
        bare = pattern.rstrip("/")
        if bare.startswith("/"):
            matched = fnmatch.fnmatchcase(path, bare[1:])
        elif "/" in bare:
            matched = fnmatch.fnmatchcase(path, bare) or fnmatch.fnmatchcase(path, f"*/{bare}")
        else:
            matched = fnmatch.fnmatchcase(path.rsplit("/", 1)[-1], bare)
        if matched:
            return True
    return False


def walk(root: Path, start: Path, patterns: list[str]) -> Iterator[Path]:
    """Every path to transfer below `start`, relative to `root`, folders before their content."""
    entries = sorted(start.iterdir()) if start.is_dir() and not start.is_symlink() else [start]
    for entry in entries:
        relative = entry.relative_to(root)
        is_folder = entry.is_dir() and not entry.is_symlink()
        if excluded(relative.as_posix(), is_folder, patterns):
            continue
        yield relative
        if is_folder:
            yield from walk(root, entry, patterns)


def transfer(root: Path, relative: Path, target: Path) -> None:
    """Copy one path, replacing what is there."""
    source, final = root / relative, target / relative
    if source.is_dir() and not source.is_symlink():
        final.mkdir(parents=True, exist_ok=True)
        return
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.is_symlink() or final.exists():
        shutil.rmtree(final) if final.is_dir() and not final.is_symlink() else final.unlink()
    shutil.copy2(source, final, follow_symlinks=False)


def delete_others(target: Path, kept: set[Path]) -> None:
    """Remove what the source does not have."""
    for entry in sorted(target.rglob("*"), reverse=True):
        if entry.relative_to(target) in kept:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.is_symlink() or entry.exists():
            entry.unlink()


def lines(files: list[str]) -> list[str]:
    """The non-empty lines of files."""
    return [line for file in files for line in Path(file).read_text("utf-8").splitlines() if line]


def main(arguments: list[str]) -> int:
    """Do one call."""
    parser = argparse.ArgumentParser(prog="rsync", allow_abbrev=False)
    parser.add_argument("-a", action="store_true")
    parser.add_argument("-r", action="store_true")
    parser.add_argument("-R", action="store_true", dest="keep_path")
    parser.add_argument("--delete", action="store_true")
    parser.add_argument("--delete-excluded", action="store_true")
    parser.add_argument("--exclude", action="append", default=[])
    parser.add_argument("--exclude-from", action="append", default=[])
    parser.add_argument("--files-from", action="append", default=[])
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args(arguments)
    *sources, target = (Path(path) for path in options.paths)
    patterns = options.exclude + lines(options.exclude_from)
    target.mkdir(parents=True, exist_ok=True)
    kept: set[Path] = set()
    if options.files_from:
        starts = [(sources[0], sources[0] / name) for name in lines(options.files_from)]
    else:
        starts = [(Path() if options.keep_path else source, source) for source in sources]
    for root, start in starts:
        if not start.exists() and not start.is_symlink():
            continue
        for relative in walk(root, start, patterns):
            transfer(root, relative, target)
            kept.add(relative)
    if options.delete:
        delete_others(target, kept)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Which files of a checkout are scanned, and the folder that holds copies of them and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from hummingbird.scanners.scanner import Scanner

LEFT_OUT = frozenset(
    {".git", ".svn", ".hg", ".bzr", "CVS", ".tox", ".eggs", ".venv", "node_modules", "__pycache__"}
)
"""Folders of other people's code and of tools; some scanners pass over them whatever they are told."""


def is_scanned(name: str) -> bool:
    """Whether a file is ours to scan: neither another's folder nor the output of a minifier."""
    path = PurePosixPath(name)
    foreign = any(part in LEFT_OUT or part.endswith(".egg") for part in path.parts[:-1])
    return not foreign and not name.endswith((".min.js", ".min.mjs", ".bundle.js"))


def given_to(scanner: Scanner, names: Iterable[str]) -> list[str]:
    """The files that are for a scanner."""
    return [name for name in names if scanner.takes(name) and is_scanned(name)]


def belonging(scanners: Iterable[Scanner], changed: Sequence[str], files: Sequence[str]) -> list[str]:
    """The changed files, and all of those that a scanner reads together where one of them changed."""
    together = {
        name
        for scanner in scanners
        if scanner.of_project and given_to(scanner, changed)
        for name in given_to(scanner, files)
    }
    return sorted({*changed, *together})


def build_view(checkout: Path, names: Iterable[str], scanners: Iterable[Scanner], view: Path) -> None:
    """Copy what any scanner takes, and add the settings that scanners want beside it."""
    chosen = list(scanners)
    view.mkdir()
    for name in sorted({name for scanner in chosen for name in given_to(scanner, names)}):
        target = view / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checkout / name, target, follow_symlinks=False)
    for scanner in chosen:
        for name, content in scanner.settings.items():
            (view / name).write_text(content, "utf-8")

"""Which files of a checkout say where packages come from, and what is wrong in them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from hummingbird.scanners.declared.npm_lock import lock_problems
from hummingbird.scanners.declared.npm_manifest import manifest_problems
from hummingbird.scanners.declared.npm_registry import NpmRegistry
from hummingbird.scanners.declared.npmrc import npmrc_problems
from hummingbird.scanners.declared.problem import NOT_READ, Problem
from hummingbird.scanners.declared.pyproject import pyproject_problems
from hummingbird.scanners.declared.requirement_files import problems_of, read_requirements

LOCKS = ("npm-shrinkwrap.json", "package-lock.json")
"""In npm's own order: the first that is there counts."""
_WORDS = ("requirements", "constraints")


def is_declaring(name: str) -> bool:
    """Whether a file is one of these, by its name."""
    path = PurePosixPath(name)
    return path.name in ("pyproject.toml", "package.json", ".npmrc", *LOCKS) or _is_requirements(path)


def declared_problems(root: Path, names: Iterable[str], registry: NpmRegistry) -> list[Problem]:
    """What is wrong in these files of the checkout, each problem once."""
    found = set[Problem]()
    for name in names:
        path = PurePosixPath(name)
        if _is_requirements(path):
            found.update(problems_of(read_requirements(root, [name])))
        else:
            found.update(_of_text(root, path, registry))
    return sorted(found)


def _of_text(root: Path, path: PurePosixPath, registry: NpmRegistry) -> list[Problem]:
    name = str(path)
    try:
        text = (root / name).read_text("utf-8")
    except UnicodeDecodeError as error:
        return [Problem(name, 1, NOT_READ, f"is not read: {error}; keep it as plain UTF-8")]
    if path.name == "pyproject.toml":
        return pyproject_problems(name, text)
    if path.name == ".npmrc":
        return npmrc_problems(name, text)
    if path.name in LOCKS:
        return lock_problems(name, text, registry)
    locked = any((root / path.parent / lock).is_file() for lock in LOCKS)
    return manifest_problems(name, text, locked=locked)


def _is_requirements(path: PurePosixPath) -> bool:
    if path.suffix != ".txt":
        return False
    return any(word in path.stem.lower() or path.parent.name.lower() == word for word in _WORDS)

"""Refuses npm packages that somebody else may choose: before npm fetches any, and once it has installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from hummingbird.scanners.declared.direct import Kind
from hummingbird.scanners.declared.files import LOCKS
from hummingbird.scanners.declared.npm_lock import lock_problems
from hummingbird.scanners.declared.npm_manifest import manifest_problems
from hummingbird.scanners.declared.npm_registry import NpmRegistry
from hummingbird.scanners.declared.npm_spec import asked_for, kind_of
from hummingbird.scanners.declared.npmrc import npmrc_problems
from hummingbird.scanners.declared.problem import DIRECT, Problem
from hummingbird.workloads.programs.refusing import refuse

ALLOWED = ("--allow-git=none",)
"""npm before 11.10 knows no such option and passes over it; check_installed then looks at what it took."""
_HIDDEN = "node_modules/.package-lock.json"


def lock_of(folder: Path) -> str | None:
    """The name of the lock that npm goes by, if there is one."""
    return next((name for name in LOCKS if (folder / name).is_file()), None)


def trust(folder: Path, registry: NpmRegistry) -> None:
    """Judge settings, manifests and lock of a checkout; Invalid names package and mend."""
    lock = lock_of(folder)
    problems: list[Problem] = []
    if (folder / ".npmrc").is_file():
        problems += npmrc_problems(".npmrc", _text(folder, ".npmrc"))
    for name in _manifests(folder):
        problems += manifest_problems(name, _text(folder, name), locked=lock is not None)
    if lock is not None:
        problems += lock_problems(lock, _text(folder, lock), registry)
    refuse(problems)


def check_installed(folder: Path) -> None:
    """Refuse what an installed package takes from an address: without a lock npm told nobody before."""
    hidden = folder / _HIDDEN
    if hidden.is_file():
        refuse(list(_asked_by_packages(hidden)))


def _asked_by_packages(hidden: Path) -> Iterator[Problem]:
    packages = json.loads(hidden.read_text("utf-8")).get("packages", {})
    for key, one in packages.items():
        asked = {name: one[name] for name in ("dependencies", "optionalDependencies") if name in one}
        for package, spec in asked_for(asked):
            if kind_of(spec) in (Kind.ADDRESS, Kind.REPOSITORY):
                says = f"asks for {package} from {spec}, without a hash; pin another version or commit a lock"
                yield Problem(key, 1, DIRECT, says)


def _manifests(folder: Path) -> list[str]:
    """The checkout's own, and those of its workspaces where it has any."""
    own = folder / "package.json"
    if '"workspaces"' not in own.read_text("utf-8", "replace"):
        return ["package.json"]
    found = (path.relative_to(folder) for path in folder.rglob("package.json"))
    return sorted(str(path) for path in found if "node_modules" not in path.parts)


def _text(folder: Path, name: str) -> str:
    return (folder / name).read_text("utf-8", "replace")

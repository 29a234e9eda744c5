"""npm's lock: every package by hash, and every address one that leads to the configured registry.

A lock is written by a program and read by nobody, so an address in it that leads elsewhere is one that nobody
decided on. An address that package.json itself names was written by a person; with a hash it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hummingbird.scanners.declared.direct import Kind, host
from hummingbird.scanners.declared.json_text import line_of, object_of
from hummingbird.scanners.declared.npm_registry import NpmRegistry
from hummingbird.scanners.declared.npm_spec import asked_for, kind_of
from hummingbird.scanners.declared.problem import (
    DIRECT,
    NO_INTEGRITY,
    NOT_READ,
    OUTSIDE,
    RESOLVED_ELSEWHERE,
    Problem,
)

ANEW = "make the lock anew against the registry (`npm install --package-lock-only`)"


@dataclass(frozen=True)
class Entry:
    """One locked package: its key in the lock, where it is fetched and the hash it must have."""

    key: str
    name: str
    resolved: str
    integrity: str


def lock_problems(name: str, text: str, registry: NpmRegistry) -> list[Problem]:
    """What is wrong with a package-lock.json or npm-shrinkwrap.json of any version."""
    lock, unread = object_of(name, text)
    if lock is None:
        return unread
    packages, tree = lock.get("packages"), lock.get("dependencies")
    if isinstance(packages, dict):
        entries, written = list(_flat(packages)), set(_addresses(packages))
    elif isinstance(tree, dict) or tree is None:
        entries, written = list(_nested(tree or {})), set[str]()
    else:
        return [Problem(name, 1, NOT_READ, f"has no packages; {ANEW}")]
    problems = (_problem(entry, registry, written) for entry in entries)
    return [
        Problem(name, line_of(text, entry.key), *problem)
        for entry, problem in zip(entries, problems, strict=True)
        if problem is not None
    ]


def locked_names(text: str, integrity: str) -> list[str]:
    """The packages of a lock that are to have this hash; none where it is no lock."""
    lock, _ = object_of("", text)
    packages, tree = (lock or {}).get("packages"), (lock or {}).get("dependencies")
    entries = _flat(packages) if isinstance(packages, dict) else _nested(tree or {})
    return sorted({entry.name for entry in entries if integrity in entry.integrity.split()})


def _problem(entry: Entry, registry: NpmRegistry, written: set[str]) -> tuple[str, str] | None:
    kind = kind_of(entry.resolved) if entry.resolved else Kind.NAME
    if kind is Kind.REPOSITORY:
        return DIRECT, (
            f"{entry.name} comes from a repository ({entry.resolved}), whose content npm compares with no "
            "hash; take a release from the registry"
        )
    if kind is Kind.OUTSIDE:
        return OUTSIDE, f"{entry.name} lies outside the checkout ({entry.resolved}); it must be in the commit"
    if kind is Kind.INSIDE:
        return None
    if kind is Kind.ADDRESS and entry.resolved not in written and not registry.serves(entry.resolved):
        return RESOLVED_ELSEWHERE, (
            f"{entry.name} is fetched from {host(entry.resolved)}, which is not the configured registry "
            f"{registry.host}; {ANEW}"
        )
    if not entry.integrity:
        return NO_INTEGRITY, f"{entry.name} has no integrity: any content would do; {ANEW}"
    return None


def _flat(packages: dict[str, Any]) -> Iterator[Entry]:
    """Versions 2 and 3: one level, by path. Workspaces and what lay inside another package have no source."""
    for key, one in packages.items():
        if "node_modules/" not in key or not isinstance(one, dict) or one.get("inBundle"):
            continue
        name = str(one.get("name") or key.rpartition("node_modules/")[2])
        resolved = str(one.get("resolved") or "")
        if one.get("link"):
            resolved = f"file:{resolved}"
        yield Entry(key, name, resolved, str(one.get("integrity") or ""))


def _nested(tree: dict[str, Any]) -> Iterator[Entry]:
    """Version 1: a tree by name; an address stands as the version."""
    for name, one in tree.items():
        if not isinstance(one, dict):
            continue
        version, resolved = str(one.get("version") or ""), str(one.get("resolved") or "")
        if not one.get("bundled"):
            place = resolved or (version if kind_of(version) is not Kind.NAME else "")
            place = version if kind_of(version) is Kind.REPOSITORY else place
            yield Entry(name, name, place, str(one.get("integrity") or ""))
        below = one.get("dependencies")
        yield from _nested(below) if isinstance(below, dict) else ()


def _addresses(packages: dict[str, Any]) -> Iterator[str]:
    """What the project and its workspaces ask for by address; `npm ci` holds it to package.json."""
    for key, one in packages.items():
        if "node_modules/" not in key and isinstance(one, dict):
            yield from (spec for _, spec in asked_for(one) if kind_of(spec) is Kind.ADDRESS)

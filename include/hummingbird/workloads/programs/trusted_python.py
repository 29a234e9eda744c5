"""Refuses Python packages that somebody else may choose: before pip fetches any, and once it has installed.

pip asks every index for every name and takes the highest version, so that a stranger's package of an internal
name wins (dependency confusion). With several indexes every byte must therefore be known beforehand, and
nothing is built from a source archive: pip compares no hash of what such a build itself needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

from hummingbird.core.errors import Garbled, Invalid
from hummingbird.scanners.declared.direct import Kind, host, wanted
from hummingbird.scanners.declared.problem import OTHER_SOURCE, Problem
from hummingbird.scanners.declared.pyproject import pyproject_problems, requirements_of
from hummingbird.scanners.declared.requirement_files import (
    LOCK,
    Requirements,
    problems_of,
    read_requirements,
)
from hummingbird.workloads.programs.refusing import refuse

MANIFEST = "pyproject.toml"
KNOWN_BYTES = ("--require-hashes", "--only-binary=:all:")


@dataclass(frozen=True)
class Trusted:
    """What pip is told besides, and the addresses that the checkout itself names."""

    arguments: list[str]
    addresses: set[str]


def trusted(folder: Path, asked: Sequence[str], indexes: Sequence[str]) -> Trusted:
    """Judge what pip is asked to install, with these indexes configured; Invalid names package and mend."""
    files = [after for before, after in pairwise(asked) if before == "-r"]
    found = read_requirements(folder, [str(Path(one).relative_to(folder)) for one in files])
    whole = len(asked) == 2 * len(files)
    problems = problems_of(found)
    texts = _manifests(folder, found, itself=not whole)
    for name, text in texts.items():
        problems += pyproject_problems(name, text)
    refuse(problems or (_unknown_bytes(found, indexes, whole=whole) if len(indexes) > 1 else []))
    several = len(indexes) > 1 or (found.names_sources and found.all_hashed)
    named = [one for _, one in found.wanted]
    named += [wanted(each) for text in texts.values() for each in requirements_of(text)]
    addresses = {urldefrag(one.place).url for one in named if one.kind is Kind.ADDRESS}
    return Trusted([*KNOWN_BYTES] if several else [], addresses)


def check_installed(folder: Path, report: Path, addresses: Iterable[str]) -> None:
    """Refuse what pip took from an address that the checkout does not name: some package asked for it."""
    for one in _installed(report):
        told = one["download_info"]
        address = str(told["url"])
        if not one["is_direct"] or ("vcs_info" not in told and urldefrag(address).url in addresses):
            continue
        path = unquote(urlsplit(address).path) if address.startswith("file:") else None
        if path is None or not Path(path).resolve().is_relative_to(folder.resolve()):
            raise Invalid(
                f"{one['metadata']['name']} was taken from {host(address)}, which the checkout names nowhere "
                "by hash: another package asks for it there; pin a version of that one which does not"
            )


def _manifests(folder: Path, found: Requirements, *, itself: bool) -> dict[str, str]:
    """The manifests that pip reads: the checkout's own, and those of folders that are installed."""
    places = {"."} if itself else set[str]()
    places |= {one.place for _, one in found.wanted if one.kind is Kind.INSIDE}
    names = sorted(str(Path(place) / MANIFEST) for place in places)
    return {
        name: (folder / name).read_text("utf-8", "replace") for name in names if (folder / name).is_file()
    }


def _unknown_bytes(found: Requirements, indexes: Sequence[str], *, whole: bool) -> list[Problem]:
    hosts = " and ".join(host(one) for one in indexes)
    why = (
        f"while {len(indexes)} indexes are configured ({hosts}): whoever publishes the name in "
        f"either with a higher version is installed; configure one index that has both, or {LOCK}"
    )
    if not whole:
        return [
            Problem(MANIFEST, 1, OTHER_SOURCE, f"names packages, and none by hash, {why} in requirements.txt")
        ]
    first = found.unhashed
    return [first[0].problem(OTHER_SOURCE, f"{first[1].name} has no hash {why}")] if first else []


def _installed(report: Path) -> list[dict[str, Any]]:
    try:
        installed = json.loads(report.read_text("utf-8"))["install"]
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise Garbled(f"pip does not tell where its packages came from: {error}") from error
    if not isinstance(installed, list):
        raise Garbled("pip does not tell where its packages came from: its report has no list")
    return installed

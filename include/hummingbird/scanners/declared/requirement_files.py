"""pip's requirement files of a checkout, with the files they include: whether every byte is known beforehand.

A name without a hash is fine while one index answers for it. Another index beside it answers too, and pip
takes the higher version of the two, whoever published it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import dirname, join, normpath

from hummingbird.scanners.declared.direct import Kind, Wanted, host, is_inside, wanted
from hummingbird.scanners.declared.problem import (
    DIRECT,
    NOT_READ,
    OTHER_SOURCE,
    OUTSIDE,
    UNVERIFIED_HOST,
    Problem,
)
from hummingbird.scanners.declared.requirement_lines import Line, read_lines

LOCK = "pin everything by hash (`uv pip compile --generate-hashes`, `pip-compile --generate-hashes`)"
_STRONG = ("sha256:", "sha384:", "sha512:")


@dataclass
class Requirements:
    """All lines that pip would read, in order, and what is wrong with any of them alone."""

    lines: list[Line] = field(default_factory=list)
    wanted: list[tuple[Line, Wanted]] = field(default_factory=list)
    """What is installed; constraints only choose versions."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def unhashed(self) -> tuple[Line, Wanted] | None:
        """The first requirement whose bytes are not known beforehand."""
        return next((one for one in self.wanted if not _hashed(*one)), None)

    @property
    def all_hashed(self) -> bool:
        """Whether there is something to install and every byte of it is known."""
        return bool(self.wanted) and self.unhashed is None and not self.problems

    @property
    def names_sources(self) -> bool:
        """Whether the files themselves name an index or a folder."""
        return any(line.indexes or line.folders for line in self.lines)


def read_requirements(root: Path, names: Iterable[str]) -> Requirements:
    """Read the files and what they include, each once; names are relative to the checkout's folder."""
    found = Requirements()
    seen = set[tuple[str, bool]]()
    for name in names:
        _read(root, name, found, seen, constraint=False)
    return found


def problems_of(found: Requirements) -> list[Problem]:
    """What is wrong with where the packages come from, whatever the build's own settings are."""
    return sorted(
        {*found.problems, *(problem for line in found.lines for problem in _of_sources(line, found))}
    )


def _read(
    root: Path, name: str, found: Requirements, seen: set[tuple[str, bool]], *, constraint: bool
) -> None:
    if (name, constraint) in seen:
        return
    seen.add((name, constraint))
    lines, problems = read_lines(name, (root / name).read_bytes())
    found.problems += problems
    for line in lines:
        found.lines.append(line)
        if line.requirement:
            _take(line, found, constraint=constraint)
        for included, constrains in _included(line):
            there = normpath(join(dirname(name), included))
            if "://" in included or not is_inside(there) or not (root / there).is_file():
                says = (
                    f"includes {included}, which is no requirement file of this checkout; "
                    "put it here as requirements*.txt or constraints*.txt"
                )
                found.problems.append(line.problem(NOT_READ, says))
            else:
                _read(root, there, found, seen, constraint=constraint or constrains)


def _included(line: Line) -> Iterator[tuple[str, bool]]:
    yield from ((name, False) for name in line.files)
    yield from ((name, True) for name in line.constraints)


def _take(line: Line, found: Requirements, *, constraint: bool) -> None:
    try:
        one = wanted(line.requirement)
    except ValueError as error:
        says = f"`{line.requirement[:80]}` is not understood ({error}); write it as `name==version`"
        found.problems.append(line.problem(NOT_READ, says))
        return
    if not constraint:
        found.wanted.append((line, one))
    found.problems += _of_place(line, one)


def _of_place(line: Line, one: Wanted) -> Iterator[Problem]:
    if one.kind is Kind.OUTSIDE:
        says = f"{one.name} lies outside the checkout; it must be in the commit or come from the index"
        yield line.problem(OUTSIDE, says)
    if one.kind is Kind.REPOSITORY or (one.kind is Kind.ADDRESS and not _hashed(line, one)):
        what = one.kind.value if one.kind is Kind.REPOSITORY else "an address without a hash"
        says = (
            f"{one.name} comes from {host(one.place)}, {what}; take a release from the index, "
            "or an archive whose address ends in #sha256=…"
        )
        yield line.problem(DIRECT, says)


def _of_sources(line: Line, found: Requirements) -> Iterator[Problem]:
    for trusted in line.trusted_hosts:
        says = f"--trusted-host {trusted}: what answers there is not verified; take the line out"
        yield line.problem(UNVERIFIED_HOST, says)
    if found.all_hashed:
        return
    open_one = found.unhashed
    who = f"while {open_one[1].name} has no hash" if open_one else "while nothing here is pinned by hash"
    mend = f"take the line out, the build's own settings say where packages come from, or {LOCK}"
    offline = any(one.no_index for one in found.lines)
    named = [*line.indexes, *(one for one in line.folders if not (offline and is_inside(one)))]
    for source in named:
        yield line.problem(OTHER_SOURCE, f"names {host(source)} as another place for packages {who}; {mend}")


def _hashed(line: Line, one: Wanted) -> bool:
    if line.editable or one.kind in (Kind.INSIDE, Kind.OUTSIDE, Kind.REPOSITORY):
        return False
    return one.hashed or (bool(line.hashes) and all(each.startswith(_STRONG) for each in line.hashes))

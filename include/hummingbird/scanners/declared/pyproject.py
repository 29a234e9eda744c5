"""The requirements of a pyproject.toml, for running, building and testing: none may be a bare address."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from hummingbird.scanners.declared.direct import Kind, host, wanted
from hummingbird.scanners.declared.problem import DIRECT, NOT_READ, OUTSIDE, Problem


def pyproject_problems(name: str, text: str) -> list[Problem]:
    """What is wrong; names and versions alone are not, for pip asks the build's own index for them."""
    try:
        manifest = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [Problem(name, 1, NOT_READ, f"is no TOML ({error}); nothing that it names is known")]
    lines = text.splitlines()
    found = []
    for requirement in _named(manifest):
        number = next((n for n, line in enumerate(lines, start=1) if requirement in line), 1)
        says, rule = _judged(requirement)
        if rule:
            found.append(Problem(name, number, rule, says))
    return found


def requirements_of(text: str) -> list[str]:
    """Every requirement that a manifest names; raises ValueError when it is no TOML."""
    return list(_named(tomllib.loads(text)))


def _judged(requirement: str) -> tuple[str, str]:
    try:
        one = wanted(requirement)
    except ValueError as error:
        return f"`{requirement[:80]}` is not understood ({error}); write it as PEP 508 says", NOT_READ
    if one.kind is Kind.OUTSIDE:
        return f"{one.name} lies outside the checkout; what is built must be in the commit", OUTSIDE
    if one.kind is Kind.REPOSITORY or (one.kind is Kind.ADDRESS and not one.hashed):
        says = f"{one.name} comes from {host(one.place)} without a hash; take a release from the index"
        return f"{says}, or an archive whose address ends in #sha256=…", DIRECT
    return "", ""


def _named(manifest: dict[str, Any]) -> Iterator[str]:
    """Every requirement; what is written in another form than the standards' is the build's own to refuse."""
    project = _table(manifest.get("project"))
    optional = _table(project.get("optional-dependencies"))
    groups = _table(manifest.get("dependency-groups"))
    build = _table(manifest.get("build-system"))
    lists = [build.get("requires"), project.get("dependencies"), *optional.values(), *groups.values()]
    for one in lists:
        yield from (each for each in one or () if isinstance(each, str)) if isinstance(one, list) else ()


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

"""A package.json: nothing from a repository, and an address only where a lock beside it holds its hash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hummingbird.scanners.declared.direct import Kind
from hummingbird.scanners.declared.json_text import line_of, object_of
from hummingbird.scanners.declared.npm_spec import asked_for, kind_of
from hummingbird.scanners.declared.problem import DIRECT, OUTSIDE, Problem


def manifest_problems(name: str, text: str, *, locked: bool) -> list[Problem]:
    """What is wrong with what it asks for; versions are not, the configured registry answers for them."""
    manifest, unread = object_of(name, text)
    return unread if manifest is None else list(_problems(name, text, manifest, locked=locked))


def _problems(name: str, text: str, manifest: dict[str, Any], *, locked: bool) -> Iterator[Problem]:
    for package, spec in asked_for(manifest):
        kind, line = kind_of(spec), line_of(text, package, spec)
        if kind is Kind.OUTSIDE:
            says = f"{package} lies outside the checkout ({spec}); what is built must be in the commit"
            yield Problem(name, line, OUTSIDE, says)
        if kind is Kind.REPOSITORY:
            says = (
                f"{package} comes from a repository ({spec}), whose content npm compares with no hash; "
                "take a release from the registry"
            )
            yield Problem(name, line, DIRECT, says)
        if kind is Kind.ADDRESS and not locked:
            says = (
                f"{package} comes from an address without a hash ({spec}); "
                "commit a package-lock.json, which holds it, or take a release from the registry"
            )
            yield Problem(name, line, DIRECT, says)

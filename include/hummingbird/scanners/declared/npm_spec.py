"""What a package.json asks for behind a package's name: a version, an address, a repository or a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hummingbird.scanners.declared.direct import Kind, is_inside

GROUPS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_REPOSITORY = re.compile(
    r"^(git[+:@]|github:|gitlab:|bitbucket:|gist:|(git\+)?ssh:|[^@\s/:.~]+@[^\s/]+:|[^@\s/:.~][^\s/:]*/[^\s/]+$)"
    r"|^https?://[^#]*\.git(#|$)",
    re.IGNORECASE,
)


def kind_of(spec: str) -> Kind:
    """Where npm takes the package from."""
    spec = spec.strip()
    if spec.startswith("npm:"):
        return Kind.NAME
    if spec.startswith(("file:", "link:", "./", "../", "/", "~/")):
        path = re.sub(r"^(file|link):", "", spec)
        return Kind.INSIDE if is_inside(path) else Kind.OUTSIDE
    if _REPOSITORY.search(spec):
        return Kind.REPOSITORY
    return Kind.ADDRESS if re.match(r"^https?:", spec, re.IGNORECASE) else Kind.NAME


def asked_for(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every package and what is asked for, overrides too."""
    for group in GROUPS:
        yield from _pairs(manifest.get(group))
    yield from _pairs(manifest.get("overrides"))


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    for name, spec in value.items() if isinstance(value, dict) else ():
        if isinstance(spec, str):
            yield str(name), spec
        else:
            yield from _pairs(spec)

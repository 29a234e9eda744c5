"""Repository names: in registry paths, and in v2.0 paths, where a slash is encoded twice."""

from __future__ import annotations

import re
from urllib.parse import unquote

from aiohttp import web

from sandbox.harbor.errors import HarborError, not_found

_NAME = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


def repository_of(request: web.Request) -> str:
    """The full repository name of a registry call; 400 NAME_INVALID when it is none."""
    name = request.match_info["name"]
    if not _NAME.fullmatch(name) or len(name) > 255:
        raise HarborError(400, "NAME_INVALID", f"invalid repository name {name!r}")
    return name


def api_repository_of(request: web.Request) -> tuple[str, str]:
    """Project and full repository name of a v2.0 call.

    Harbor's own router sees a slash encoded once as two path segments and finds nothing: so do we.
    """
    project, name = request.match_info["project"], request.match_info["repository"]
    if "/" in name:
        raise not_found(f"path {request.path}: encode the slash of a repository's name twice;")
    return project, f"{project}/{unquote(name)}"


def checked_tag(name: str) -> str:
    """The tag itself; 400 when it is none."""
    if not _TAG.fullmatch(name):
        raise HarborError(400, "BAD_REQUEST", f"invalid tag name: {name!r}")
    return name

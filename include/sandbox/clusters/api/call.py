"""What a request asks: verb, resource, namespace, name and subresource, as RequestInfo has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.clusters.jsons import truth
from sandbox.clusters.resources import BY_PATH, NAMESPACES, Resource

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}


@dataclass(frozen=True)
class Call:
    """A request for a resource."""

    method: str
    path: str
    verb: str
    kind: Resource
    namespace: str | None
    name: str
    subresource: str
    rest: str

    @property
    def right(self) -> str:
        """The resource as a role names it."""
        return f"{self.kind.qualified}/{self.subresource}" if self.subresource else self.kind.qualified


def parse(method: str, path: str, query: Mapping[str, str]) -> Call | None:
    """The resource call of a path, or None when the path names no served resource."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"] and len(parts) > 2:
        group, version, parts = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 3:
        group, version, parts = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = None
    if parts[0] == "namespaces" and len(parts) > 2 and parts[2] not in {"status", "finalize"}:
        namespace, parts = parts[1], parts[2:]
    kind = BY_PATH.get((group, version, parts[0]))
    if kind is None:
        return None
    name = parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 else ""
    if kind is NAMESPACES and name:
        namespace = name
    rest = "/".join(parts[3:])
    if path.endswith("/") and rest:
        rest += "/"
    return Call(method, path, _verb(method, name, query), kind, namespace, name, subresource, rest)


def _verb(method: str, name: str, query: Mapping[str, str]) -> str:
    if method in {"GET", "HEAD"}:
        if truth(query.get("watch")):
            return "watch"
        return "get" if name else "list"
    if method == "DELETE":
        return "delete" if name else "deletecollection"
    return _VERBS.get(method, method.lower())

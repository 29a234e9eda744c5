"""Who may do what in which project: Harbor's project roles, and the accounts of this world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Grant = tuple[str, str]
"""A resource and an action, as Harbor names them; `*` stands for any."""

_READ: frozenset[Grant] = frozenset(
    {
        ("project", "read"),
        ("repository", "pull"),
        ("repository", "read"),
        ("repository", "list"),
        ("artifact", "read"),
        ("artifact", "list"),
        ("tag", "list"),
        ("accessory", "list"),
        ("artifact-addition", "read"),
        ("label", "list"),
        ("quota", "read"),
    }
)
_WRITE: frozenset[Grant] = frozenset(
    {
        ("repository", "push"),
        ("artifact", "create"),
        ("tag", "create"),
        ("artifact-label", "create"),
        ("artifact-label", "delete"),
    }
)
ROLES: Mapping[str, frozenset[Grant]] = {
    "projectAdmin": frozenset({("*", "*")}),
    "developer": _READ | _WRITE,
    "guest": _READ,
}
ROLE_IDS = {"projectAdmin": 1, "developer": 2, "guest": 3}

PROJECTS = ("platform", "trading-dev", "trading-test", "trading-prod-private")
"""Projects that exist at start."""

ANY_PROJECT = "*"


@dataclass(frozen=True)
class Principal:
    """Who sent the request: an empty name is nobody."""

    name: str
    grants: Mapping[str, frozenset[Grant]]
    system_admin: bool = False
    role: str = ""

    @property
    def known(self) -> bool:
        """Whether the caller proved to be someone."""
        return bool(self.name)

    def may(self, project: str, resource: str, action: str) -> bool:
        """Whether this caller has an action on a resource of a project."""
        if self.system_admin:
            return True
        granted = self.grants.get(project, frozenset()) | self.grants.get(ANY_PROJECT, frozenset())
        return bool(granted & {(resource, action), (resource, "*"), ("*", "*")})


NOBODY = Principal(name="", grants={})


def of_account(name: str) -> Principal:
    """The standing rights of an account of this world."""
    if name == "administrator":
        return Principal(name, {}, system_admin=True, role="projectAdmin")
    if name == "platform":
        return Principal(name, {ANY_PROJECT: ROLES["projectAdmin"]}, role="projectAdmin")
    if name == "ci":
        pushes = _READ | _WRITE | {("scan", "create")}
        return Principal(f"robot${name}", {"trading-dev": pushes, "platform": _READ})
    if name == "puller":
        return Principal(f"robot${name}", {ANY_PROJECT: _READ})
    return Principal(name, {ANY_PROJECT: ROLES["guest"]}, role="guest")


def of_robot(name: str, permissions: Sequence[Mapping[str, object]]) -> Principal:
    """The rights of a robot account created through the API: exactly what it was given."""
    grants: dict[str, frozenset[Grant]] = {}
    for permission in permissions:
        access = permission.get("access", [])
        if not isinstance(access, list):
            continue
        granted = frozenset((str(a.get("resource")), str(a.get("action"))) for a in access)
        namespace = ANY_PROJECT if permission.get("namespace") == "*" else str(permission.get("namespace"))
        grants[namespace] = grants.get(namespace, frozenset()) | granted
    return Principal(name, grants)

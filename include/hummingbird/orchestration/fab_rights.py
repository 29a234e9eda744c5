"""The platform's words about roles as rights of FAB: pairs of an action and a resource.

FAB asks for `can_edit` on the DAG itself where somebody starts a run or answers a prompt, and the same right
pauses the DAG. So these rights are on resources of each path's own, which `DeliveryAuthManager` honours.
"""

from __future__ import annotations

from hummingbird.core.airflow_role import AirflowRole

READ, EDIT, CREATE, MENU = "can_read", "can_edit", "can_create", "menu_access"
RUN, PROMPT, DAG = "DAG Run", "HITL Detail", "DAG"
"""Prefixes of a path's own resources."""

Right = tuple[str, str]

PAGES: frozenset[Right] = frozenset(
    {(READ, "Plugins"), (MENU, "Required Actions"), (MENU, "HITL Detail"), (READ, "HITL Detail")}
)
"""What everybody has above FAB's Viewer: the platform's pages, and the list of open prompts."""
AUDIT_LOG: frozenset[Right] = frozenset({(READ, "Audit Logs"), (MENU, "Audit Logs")})


def resource(kind: str, path: str) -> str:
    """A path's own resource of a kind."""
    return f"{kind}:{path}"


def rights_of(role: AirflowRole) -> frozenset[Right]:
    """What FAB has to give a role above its Viewer."""
    own = {
        *((CREATE, resource(RUN, path)) for path in role.starts),
        *((EDIT, resource(PROMPT, path)) for path in role.answers),
        *((EDIT, resource(RUN, path)) for path in role.annotates),
        *((EDIT, resource(DAG, path)) for path in role.pauses),
    }
    return frozenset(PAGES | own | (AUDIT_LOG if role.audit_log else frozenset()))

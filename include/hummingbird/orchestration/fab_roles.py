"""FAB's roles and accounts, read and changed through its security manager, in Airflow's own environment.

FAB's REST API cannot do it: it refuses rights on resources that do not exist yet (`HITL Detail:approval`, and
the `DAG:…` of a path that was never parsed), and it wants an administrator's account before there is one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hummingbird.core.errors import Mismatch
from hummingbird.orchestration.fab_rights import Right
from hummingbird.orchestration.role_changes import AccountChange, Found, RoleChange


class FabRoles:
    """One Airflow's roles and accounts."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    @property
    def viewer(self) -> frozenset[Right]:
        """What Airflow's reading role may, by the installed version's own list."""
        return frozenset((action, resource) for action, resource in self._manager.VIEWER_PERMISSIONS)

    def prepare(self) -> None:
        """Have Airflow make its own roles, as every start of its API server does."""
        self._manager.sync_roles()

    def found(self) -> Found:
        """What is there now."""
        self._manager.session.expire_all()
        users = self._manager.get_all_users()
        return Found(
            roles={role.name: _rights(role) for role in self._manager.get_all_roles()},
            accounts={user.username: frozenset(role.name for role in user.roles) for user in users},
            inactive=frozenset(user.username for user in users if not user.active),
        )

    def change_role(self, change: RoleChange) -> None:
        """Make the role, give what is missing, take what it grew."""
        manager = self._manager
        manager.bulk_sync_roles([{"role": change.name, "perms": sorted(change.missing)}])
        role = manager.find_role(change.name)
        for right in list(role.permissions):
            if (right.action.name, right.resource.name) in change.extra:
                manager.remove_permission_from_role(role, right)

    def change_account(self, change: AccountChange) -> None:
        """Make the account, with a password that nobody knows, or give it exactly its roles."""
        manager, account = self._manager, change.account
        roles = [manager.find_role(name) for name in account.roles]
        if None in roles:
            raise Mismatch(f"Airflow has no role for {account.name}: expected {', '.join(account.roles)}")
        user = manager.find_user(account.name)
        if user is None:
            manager.add_user(
                username=account.name,
                first_name=account.title,
                last_name="",
                email=account.email,
                role=roles,
                password=secrets.token_urlsafe(32),
            )
            return
        user.roles = roles
        manager.update_user(user)


@contextmanager
def fab_roles() -> Iterator[FabRoles]:
    """Airflow's roles, by the database of this environment's settings."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        yield FabRoles(builder.sm)


def _rights(role: Any) -> frozenset[Right]:
    return frozenset((right.action.name, right.resource.name) for right in role.permissions)

"""`python -m sandbox.onebox.prepare_airflow`: Airflow's database, pools, roles and accounts, in one process.

Runs inside Airflow's environment, at any time again. Passwords come in the environment (HB_PASSWORDS, JSON).
One process, because importing Airflow costs more than all of this work.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml
from airflow.models.pool import Pool
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.db import initdb
from airflow.utils.session import create_session

from sandbox.onebox.roles import ACCOUNTS, RIGHTS


def create_pools(settings: Path) -> None:
    """The pools of airflow_settings.yaml."""
    document = yaml.safe_load(settings.read_text("utf-8"))
    with create_session() as session:
        for pool in document["airflow"].get("pools") or []:
            Pool.create_or_update_pool(
                name=pool["pool_name"],
                slots=pool["pool_slot"],
                description=pool["pool_description"],
                include_deferred=False,
                session=session,
            )


def create_accounts(manager: Any, passwords: dict[str, str]) -> None:
    """Roles and accounts as roles.py tells, each found or created, rights and passwords brought in line."""
    viewer = list(manager.VIEWER_PERMISSIONS)
    manager.bulk_sync_roles(
        [{"role": name, "perms": [*viewer, *rights]} for name, rights in RIGHTS.items()],
    )
    for name, rights in RIGHTS.items():
        role = manager.find_role(name)
        wanted = {*viewer, *rights}
        for right in list(role.permissions):
            if (right.action.name, right.resource.name) not in wanted:
                manager.remove_permission_from_role(role, right)
    for account, role_name in ACCOUNTS.items():
        role = manager.find_role(role_name)
        user = manager.find_user(account)
        if user is None:
            manager.add_user(
                username=account,
                first_name=account.replace("_", " "),
                last_name="",
                email=f"{account}@hummingbird.example",
                role=role,
                password=passwords[account],
            )
            continue
        manager.reset_password(user.id, passwords[account])
        user.roles = [role]
        manager.update_user(user)


def main(arguments: list[str]) -> int:
    """Bring the database up to date and fill in what the platform needs."""
    passwords: dict[str, str] = json.loads(os.environ.pop("HB_PASSWORDS"))
    initdb()
    create_pools(Path(arguments[0]))
    with get_application_builder() as builder:
        builder.sm.sync_roles()
        create_accounts(builder.sm, passwords)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m sandbox.onebox.prepare_airflow`: Airflow's database, pools, roles and accounts, in one process.

Runs inside Airflow's environment, at any time again. Passwords come in the environment (HB_PASSWORDS, JSON).
One process, because importing Airflow costs more than all of this work: so the platform's own command
`hummingbird roles apply` is run here as it would be from a shell.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import yaml
from airflow.models.pool import Pool
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.db import initdb
from airflow.utils.session import create_session

ROLES = ["hummingbird", "roles", "apply"]
"""The command line that makes roles and accounts of the catalogue."""


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


def run_command(words: list[str]) -> int:
    """`python -m` with these words, in this process; its exit code."""
    kept, sys.argv = sys.argv, words
    try:
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv = kept
    return 0


def set_passwords(manager: Any, passwords: dict[str, str]) -> None:
    """The accounts were made with passwords that nobody knows; these are for the people of this machine."""
    for account, password in passwords.items():
        manager.reset_password(manager.find_user(account).id, password)


def main(arguments: list[str]) -> int:
    """Bring the database up to date and fill in what the platform needs."""
    passwords: dict[str, str] = json.loads(os.environ.pop("HB_PASSWORDS"))
    initdb()
    create_pools(Path(arguments[0]))
    if refused := run_command(ROLES):
        return refused
    with get_application_builder() as builder:
        set_passwords(builder.sm, passwords)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

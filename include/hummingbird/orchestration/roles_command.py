"""`hummingbird roles show|check|apply`: Airflow's roles and accounts, as the catalogue has them.

`check` and `apply` run in Airflow's environment (our image with its settings) and need no running Airflow.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.airflow_accounts import airflow_accounts
from hummingbird.core.airflow_role import AirflowRole
from hummingbird.core.catalogue import Catalogue
from hummingbird.orchestration.fab_rights import Right, rights_of
from hummingbird.orchestration.fab_roles import FabRoles, fab_roles
from hummingbird.orchestration.role_changes import Found, account_changes, role_changes, undecided


def run(verb: str, environment: Mapping[str, str]) -> int:
    """0 when Airflow is as the catalogue has it (or was brought there), 1 when something is not."""
    catalogue = load_catalogue(*catalogue_folders(environment))
    if verb == "show":
        _tell(shown(catalogue))
        return 0
    with fab_roles() as roles:
        if verb == "apply":
            _tell(f"mended: {line}" for line in apply(roles, catalogue))
        left = list(differences(roles, catalogue))
    _tell(f"REFUSED: {line}" for line in left)
    if not left:
        _tell(["DONE: Airflow has the catalogue's roles and accounts"])
    return int(bool(left))


def apply(roles: FabRoles, catalogue: Catalogue) -> list[str]:
    """Bring roles and accounts in line, roles first; what was changed, nothing the second time."""
    roles.prepare()
    told = []
    for role in role_changes(wanted_roles(roles.viewer, catalogue), roles.found()):
        roles.change_role(role)
        told.append(str(role))
    for account in account_changes(airflow_accounts(catalogue), roles.found()):
        roles.change_account(account)
        told.append(str(account))
    return told


def differences(roles: FabRoles, catalogue: Catalogue) -> Iterator[str]:
    """A sentence for everything in which Airflow differs."""
    found: Found = roles.found()
    accounts = airflow_accounts(catalogue)
    yield from map(str, role_changes(wanted_roles(roles.viewer, catalogue), found))
    yield from map(str, account_changes(accounts, found))
    yield from undecided(accounts, found)


def wanted_roles(viewer: frozenset[Right], catalogue: Catalogue) -> dict[str, frozenset[Right]]:
    """Every described role with all its rights."""
    return {name: viewer | rights_of(role) for name, role in catalogue.airflow_roles.items()}


def shown(catalogue: Catalogue) -> Iterator[str]:
    """What the catalogue gives to whom."""
    for name, role in catalogue.airflow_roles.items():
        yield f"{name}: {'; '.join(_said(role)) or 'reads'}"
    yield ""
    for account in airflow_accounts(catalogue).values():
        yield f"{account.name}: {', '.join(account.roles) or 'no role'}"


def _said(role: AirflowRole) -> Iterator[str]:
    for verb in ("starts", "answers", "annotates", "pauses"):
        if paths := getattr(role, verb):
            yield f"{verb} {', '.join(paths)}"
    if role.audit_log:
        yield "reads the audit log"


def _tell(lines: Iterator[str] | list[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")

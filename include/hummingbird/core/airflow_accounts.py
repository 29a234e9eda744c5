"""Which account of Airflow holds which of its roles, as the catalogue has it."""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.record import Record


class Account(Record):
    """An account of Airflow, whose it is, and the roles it has there."""

    name: str
    title: str
    email: str
    roles: tuple[str, ...]


def airflow_accounts(catalogue: Catalogue) -> dict[str, Account]:
    """Every account of every person, and the platform's own, by account name."""
    found = {}
    for person in catalogue.persons.values():
        roles = tuple(sorted({catalogue.roles[role].airflow_role for role in person.roles}))
        for number, name in enumerate(person.accounts("airflow")):
            # Airflow wants another address for every account, also for a person's second one.
            email = person.email if number == 0 and person.email else f"{name}@accounts.invalid"
            found[name] = Account(name=name, title=person.title, email=email, roles=roles)
    platform = catalogue.platform_account
    found[platform] = Account(
        name=platform, title=platform, email=f"{platform}@accounts.invalid", roles=(catalogue.platform_role,)
    )
    return found

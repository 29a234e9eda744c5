"""What must change in Airflow so that its roles and accounts are the catalogue's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hummingbird.core.airflow_accounts import Account
from hummingbird.orchestration.fab_rights import Right

NOBODYS = "Public"
"""Airflow's role of whoever is not signed in."""


@dataclass(frozen=True)
class Found:
    """Roles with their rights and accounts with their roles, as Airflow has them."""

    roles: Mapping[str, frozenset[Right]]
    accounts: Mapping[str, frozenset[str]]
    inactive: frozenset[str] = frozenset()
    """Accounts that cannot be signed in with."""


@dataclass(frozen=True)
class RoleChange:
    """A role whose rights differ."""

    name: str
    missing: frozenset[Right]
    extra: frozenset[Right]
    is_new: bool

    def __str__(self) -> str:
        if self.is_new:
            return f"role {self.name} is missing"
        lacks = [f"lacks {_words(self.missing)}"] if self.missing else []
        grew = [f"has {_words(self.extra)} that the catalogue does not give"] if self.extra else []
        return f"role {self.name} {' and '.join([*lacks, *grew])}"


@dataclass(frozen=True)
class AccountChange:
    """An account of a person, or the platform's, that is missing or has other roles."""

    account: Account
    found: frozenset[str] | None
    """None: there is no such account."""

    def __str__(self) -> str:
        wanted = ", ".join(self.account.roles) or "no role"
        if self.found is None:
            return f"account {self.account.name} ({wanted}) is missing"
        return f"account {self.account.name} has {', '.join(sorted(self.found)) or 'no role'}, not {wanted}"


def role_changes(wanted: Mapping[str, frozenset[Right]], found: Found) -> list[RoleChange]:
    """Roles that are missing, lack a right or grew one; nobody's role is wanted without any."""
    changes = []
    for name, rights in {**wanted, NOBODYS: frozenset[Right]()}.items():
        there = found.roles.get(name)
        if there != rights:
            had = there or frozenset()
            changes.append(RoleChange(name, rights - had, had - rights, is_new=there is None))
    return changes


def account_changes(wanted: Mapping[str, Account], found: Found) -> list[AccountChange]:
    """Accounts of the catalogue that are missing or have other roles."""
    return [
        AccountChange(account, found.accounts.get(name))
        for name, account in wanted.items()
        if found.accounts.get(name) != frozenset(account.roles)
    ]


def undecided(wanted: Mapping[str, Account], found: Found) -> Iterator[str]:
    """A sentence for whatever a person must decide: accounts of nobody, and accounts that were shut."""
    for name, roles in sorted(found.accounts.items()):
        held = roles - {NOBODYS}
        if name not in wanted and held and name not in found.inactive:
            yield (
                f"account {name} ({', '.join(sorted(held))}) belongs to no person of the catalogue: add it "
                f"to roles.yaml, or `airflow users delete --username {name}`"
            )
        elif name in wanted and name in found.inactive:
            yield f"account {name} is inactive: open it again, or take the person out of roles.yaml"


def _words(rights: frozenset[Right]) -> str:
    return ", ".join(f"{action} on {resource}" for action, resource in sorted(rights))

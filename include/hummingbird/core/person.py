"""People: one person may have an account on every system; they are compared as persons."""

from __future__ import annotations

from pydantic import Field

from hummingbird.core.record import Record


class Person(Record):
    """A person of the catalogue with the accounts that are theirs."""

    name: str
    title: str
    airflow: str
    jira: str | None = None
    """User name on Jira Data Center, account id on Jira Cloud."""
    gitlab: str | None = None
    email: str | None = None
    also: dict[str, list[str]] = Field(default_factory=dict)
    """`airflow`, `jira`, `gitlab` or `email` → further accounts of the same person."""
    robots: list[str] = Field(default_factory=list)
    """GitLab user names and mail addresses of the robots that act for this person."""
    roles: list[str]

    def accounts(self, system: str) -> list[str]:
        """Every account of the person on a system."""
        first = getattr(self, system)
        return [*([first] if first else []), *self.also.get(system, [])]


class Role(Record):
    """What a group of people may do; `airflow_role` is the FAB role that mirrors it."""

    name: str
    title: str
    airflow_role: str

"""People: one person may have an account on every system; they are compared as persons."""

from __future__ import annotations

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
    roles: list[str]


class Role(Record):
    """What a group of people may do; `airflow_role` is the FAB role that mirrors it."""

    name: str
    title: str
    airflow_role: str

"""Issues of the tracker in which people answer: one for each signature, moved by whoever gives it."""

from __future__ import annotations

from pydantic import Field

from hummingbird.core.record import Record


class AnswerIssues(Record):
    """Where the tracker has them, and what its workflow calls the ways of an answer."""

    project: str = Field(pattern=r"^[A-Z][A-Z0-9]{1,9}$")
    issue_type: str = Field(pattern=r"^[^\"\\\\]{1,60}$")
    waiting: str
    """Where an issue begins, and where the platform puts it back after an answer that does not count."""
    approved: str = Field(pattern=r"^[^\"\\\\]{1,60}$")
    rejected: str = Field(pattern=r"^[^\"\\\\]{1,60}$")
    closed: str
    """Where the platform puts it when the question is over without this answer."""


class AnswerIssue(Record):
    """What the tracker says of one of them now; nothing here has been judged yet."""

    key: str
    status: str
    entry: str | None = None
    """Id of the changelog's entry that led to the status; None when nothing moved it."""
    account: str | None = None
    """Who made that entry."""
    at: str = ""
    remark: str = ""
    """The last comment of that account."""
    edited_by: list[str] = Field(default_factory=list)
    """Accounts that changed what the issue says."""

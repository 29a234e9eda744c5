"""How a candidate stands to what runs: which of two commits contains the other, and what came after what."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from hummingbird.core.artifact import Commit, Sha256
from hummingbird.core.record import Record


class Relation(StrEnum):
    """Where a commit stands, seen from another one."""

    AHEAD = "ahead"
    """It contains the other one."""
    BEHIND = "behind"
    """The other one contains it."""
    DIVERGED = "diverged"
    """Neither contains the other."""


class Lineage(Record):
    """How two commits of a component relate: Git's word, which never changes."""

    component: str
    commit: Commit
    other: Commit
    relation: Relation

    @property
    def key(self) -> str:
        """Idempotency key of its event."""
        return lineage_key(self.component, self.commit, self.other)


def lineage_key(component: str, commit: str, other: str) -> str:
    """Names the question of how a commit stands to another one."""
    return f"lineage:{component}:{commit}:{other}"


class RunsThere(Record):
    """What serves of a component of the bundle in one cluster in question."""

    cluster: str
    component: str
    bundle: Sha256
    commit: Commit
    relation: Relation | None = None
    """How the bundle's commit stands to this one; None where it is the same one, or not known yet."""
    settings_alone: bool = False
    """It was delivered as configuration, without a commit of its own."""
    same_settings: bool = True
    """Its configuration for the environment is the bundle's."""
    later: bool = False
    """It was brought there after the bundle had been sealed."""


class RolledBack(Record):
    """That the bundle was taken back where it is to be brought."""

    cluster: str
    run: str
    at: AwareDatetime
    sequence: int
    """Place of the event in the ledger."""

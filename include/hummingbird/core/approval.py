"""Approvals: who said what about exactly which content."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from hummingbird.core.artifact import Sha256
from hummingbird.core.canonical import content_hash
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey


class Decision(StrEnum):
    """What a person answered."""

    APPROVED = "approved"
    REJECTED = "rejected"


class Signature(Record):
    """One required signature: its number in the request and the role that may give it."""

    number: int
    role: str


class Brief(Record):
    """What the approver reads first: three lines, then details; ledger content only, plain text."""

    changes: str
    different: str
    risk: str
    details: list[str]


class ApprovalRequest(Record):
    """A question to people about one bundle, one evidence set, one environment, one policy."""

    story: StoryKey
    bundle: Sha256
    evidence: Sha256
    environment: str
    operation: str
    """`deploy` or `rollback`."""
    policy_version: Sha256
    requester: str | None
    asked_by: str
    """dag_id/run_id of the run that asked: another run asks anew."""
    asked_at: AwareDatetime
    expires_at: AwareDatetime
    signatures: list[Signature]
    brief: Brief

    @property
    def id(self) -> str:
        """Names the question: the same question asked twice by one run is one request."""
        named = self.document()
        for free in ("asked_at", "expires_at", "brief"):
            named.pop(free)
        return content_hash(named)[:32]


class Approval(Record):
    """One person's recorded answer to one required signature."""

    request: str
    number: int
    role: str
    person: str
    decision: Decision
    reason: str
    answered_at: AwareDatetime
    source: str
    """Where the answer was re-read: the Airflow prompt's address."""


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOID = "void"
    """What people were asked about changed before they had answered."""


class RequestStatus(Record):
    """A request, its answers, and what they amount to."""

    id: str
    request: ApprovalRequest
    approvals: list[Approval]
    state: RequestState
    why: str

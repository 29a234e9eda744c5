"""Approvals: who said what about exactly which content."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field

from hummingbird.core.artifact import Sha256
from hummingbird.core.canonical import content_hash
from hummingbird.core.emergency import Emergency
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
    """In words: `operations_approver`, or `operations_approver or compliance`."""
    any_of: list[str] = Field(default_factory=list)
    """The roles of which the signer must have one; empty for the one that `role` names."""
    candidates: list[str] = Field(default_factory=list)
    """Who could sign when people were asked: another membership is another question."""

    @property
    def roles(self) -> list[str]:
        """The roles of which the signer must have one."""
        return self.any_of or [self.role]

    def open_to(self, person: str) -> bool:
        """Whether the person was among those who could sign; requests of older releases do not tell."""
        return not self.candidates or person in self.candidates


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
    """The whole catalogue when people were asked; another one is no other question."""
    policy: Sha256 | None = None
    """What the bundle, the environment and the operation name of it; None in requests of older releases."""
    requester: str | None
    asked_by: str
    """dag_id/run_id of the run that asked: another run asks anew."""
    asked_at: AwareDatetime
    expires_at: AwareDatetime
    signatures: list[Signature]
    brief: Brief
    emergency: Emergency | None = None
    """Why gates are passed; None in a normal question."""

    @property
    def id(self) -> str:
        """Names the question: the same question asked twice by one run is one request."""
        named = self.document()
        for free in ("asked_at", "expires_at", "brief"):
            named.pop(free)
        # A request of an older release keeps the name it was given.
        named.pop("policy" if self.policy is None else "policy_version")
        if self.emergency is None:
            named.pop("emergency")
        for signature in named["signatures"]:
            if not signature["candidates"]:
                signature.pop("candidates"), signature.pop("any_of")
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


class Withdrawal(Record):
    """What somebody took back before it was used."""

    request: str
    person: str
    whole: bool
    """The requester the question; else a signer the signature. Either ends the request."""
    reason: str
    begun: list[str] = Field(default_factory=list)
    """Clusters that were being changed by then: what was used there cannot be taken back."""
    run: str
    """dag_id/run_id of the run that the person started for it."""

    @property
    def sentence(self) -> str:
        """Who took back what, and why."""
        what = "withdrew the question" if self.whole else "took the signature back"
        still = f" (it had begun in {', '.join(self.begun)})" if self.begun else ""
        return f"{self.person} {what}: {self.reason}{still}; a new run asks again"


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOID = "void"
    """What people were asked about changed before they had answered."""
    WITHDRAWN = "withdrawn"
    """Somebody took it back: a signer the signature, or the requester the question."""


class RequestStatus(Record):
    """A request, its answers, and what they amount to."""

    id: str
    request: ApprovalRequest
    approvals: list[Approval]
    state: RequestState
    why: str

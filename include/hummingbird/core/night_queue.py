"""What goes to and fro around the notary's queue: a pod that pulls from it, a task that closes it."""

from __future__ import annotations

from pydantic import Field

from hummingbird.core.artifact import Sha256
from hummingbird.core.record import Record
from hummingbird.core.regression import Case, CaseResult


class DoneCase(Record):
    """A pod is done with the case that it was handed under this number."""

    number: int = Field(ge=0)
    result: CaseResult


class HandedCase(Record):
    """A case that is now the pod's, as long as it is heard of."""

    number: int
    case: Case
    lease_seconds: int


class NextCase(Record):
    """The queue's answer to a pod that is done, or begins."""

    accepted: bool = True
    """False: the reported case had been given to another pod, and that pod's result will count."""
    handed: HandedCase | None = None
    over: bool = False
    """Every case of the night has its result."""
    again_seconds: float = Field(default=0.0, ge=0)
    """Nothing waits, but other pods are at work: ask again then, one of them may be lost."""


class StoredNight(Record):
    """Where a night's page and JUnit file lie, by hash."""

    report_url: str = Field(min_length=1, max_length=2000)
    report_sha256: Sha256
    junit_url: str = Field(min_length=1, max_length=2000)
    junit_sha256: Sha256

"""Rules as values: Facts go in, an Answer comes out, all Answers together are a Verdict."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field

from hummingbird.core.approval import Approval, ApprovalRequest, Withdrawal
from hummingbird.core.approval_rule import ApprovalRule, Involvement
from hummingbird.core.artifact import Build, Commit, Digest
from hummingbird.core.baseline import Baseline, BaselineRule
from hummingbird.core.bundle import Bundle
from hummingbird.core.calendar import Calendar, Trading
from hummingbird.core.emergency import EmergencyRule, Glass
from hummingbird.core.environment import Environment
from hummingbird.core.finding import ScanReport, SuiteReport
from hummingbird.core.lineage import RolledBack, RunsThere
from hummingbird.core.record import Record
from hummingbird.core.story import Story
from hummingbird.core.turn import InFront


class State(StrEnum):
    """What a rule says."""

    OPEN = "open"
    WAITING = "waiting"
    REFUSED = "refused"


class Answer(Record):
    """One rule's word on one bundle, with the reason in a sentence."""

    gate: str
    state: State
    why: str
    passed: bool = False
    """Open because the glass was broken, and for no other reason."""


class Verdict(Record):
    """All answers; open only when there is at least one and every one is open."""

    answers: list[Answer]

    @property
    def state(self) -> State:
        """Refused before waiting before open; no answer at all is refused."""
        states = {answer.state for answer in self.answers}
        if not states or State.REFUSED in states:
            return State.REFUSED
        return State.WAITING if State.WAITING in states else State.OPEN

    @property
    def sentence(self) -> str:
        """The reasons of every rule that is not open, or that all are."""
        shut = [f"{a.gate}: {a.why}" for a in self.answers if a.state is not State.OPEN]
        if not self.answers:
            return "no gate answered"
        return "; ".join(shut) if shut else f"all {len(self.answers)} gates are open"


class SignedBuild(Record):
    """A build and whether its provenance verified against the key of the builds."""

    build: Build
    provenance_verified: bool
    provenance_sha256: str | None = None
    doubt: str | None = None
    """Why it did not verify, to follow `its provenance …`."""


class Released(Record):
    """What a version of a component was when it was delivered and tagged."""

    component: str
    version: str
    commit: Commit
    digest: Digest


class Facts(Record):
    """Everything a rule may look at; gathered by the notary from the ledger, never from Airflow's state."""

    now: AwareDatetime
    environment: Environment
    operation: str
    bundle: Bundle
    evidence_hash: str
    policy_version: str
    policy: str = ""
    """Hash of what bundle, environment and operation name of the catalogue, see core/named_policy.py."""
    classes: list[str] = Field(default_factory=list)
    """The classes of the bundle's components."""
    holders: dict[str, list[str]] = Field(default_factory=dict)
    """Role → who has it now."""
    involved: dict[str, list[Involvement]] = Field(default_factory=dict)
    """Person → how the person is part of what is to be approved."""
    requester: str | None = None
    """Catalogue person who asked; None on a path that a webhook started."""
    stories: list[Story] = Field(default_factory=list)
    deliverable_statuses: list[str] = Field(default_factory=list)
    scans: list[ScanReport] = Field(default_factory=list)
    """The newest full and incremental report per component, for the bundle's commits only."""
    baselines: list[Baseline] = Field(default_factory=list)
    """What the bundle's components brought along when they joined."""
    baseline_rule: BaselineRule = BaselineRule()
    builds: list[SignedBuild] = Field(default_factory=list)
    released: list[Released] = Field(default_factory=list)
    """The bundle's versions, where they were tagged before."""
    suites: list[SuiteReport] = Field(default_factory=list)
    deployed_environments: list[str] = Field(default_factory=list)
    """Environments in which this very bundle was deployed successfully everywhere."""
    clusters: list[str] = Field(default_factory=list)
    """Clusters in question: to be brought the bundle, or those that run it, when it is to be rolled back."""
    promoted_clusters: list[str] = Field(default_factory=list)
    request: ApprovalRequest | None = None
    approvals: list[Approval] = Field(default_factory=list)
    withdrawal: Withdrawal | None = None
    """Somebody took a signature, or the question, back."""
    calendar: Calendar
    """When this operation may start here."""
    trading: Trading = Trading()
    """What is known of the sessions of the calendar's exchanges."""
    runs_there: list[RunsThere] = Field(default_factory=list)
    """What serves in the clusters in question, component by component."""
    rolled_back: RolledBack | None = None
    """The last thing that happened to this bundle in one of those clusters was that it was taken back."""
    admitted: int | None = None
    """Place of the run's admission in the ledger, None for a run that was not admitted."""
    in_front: list[InFront] = Field(default_factory=list)
    """Releases that go first, in order."""
    has_run_before: bool = False
    """Something ran before this bundle where it runs now: what a rollback needs."""
    glass: Glass | None = None
    """Set in a run that wants to pass shut gates in an emergency."""

    @property
    def rule(self) -> ApprovalRule | EmergencyRule:
        """Who must agree to this."""
        return self.environment.rule_of(self.operation, in_emergency=self.glass is not None)

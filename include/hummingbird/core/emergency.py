"""Break-glass: what an emergency may pass, who asks and agrees, what was done, who looks at it afterwards."""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime, Field, model_validator

from hummingbird.core.approval_rule import AgreementRule, Involvement
from hummingbird.core.artifact import Sha256
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey

PATH = "emergency_deploy"
"""The path that breaks the glass."""
REVIEW_PATH = "emergency_review"
"""The path that looks at it afterwards; the notary starts it."""
JUSTIFIED, NOT_JUSTIFIED = "Justified", "Not justified"
"""The reviewer's two answers."""
SHORTEST_REASON, LONGEST_REASON = 8, 500
"""Characters, without white space around them; eight Chinese ones say a lot."""


class ReviewRule(Record):
    """Who looks at it afterwards, and until when."""

    any_of: list[str] = Field(min_length=1)
    """Roles of which the reviewer must have one; never who asked or signed, or had a part in the bundle."""
    due_hours: int = Field(default=24, ge=1, le=336)


class EmergencyRule(AgreementRule):
    """How an environment may be reached in an emergency: who asks and agrees, past which gates, how long."""

    started_by: list[str] = Field(min_length=1)
    """Roles of which the person who asks must have one: the first of the two; the second signs."""
    passes: list[str] = Field(default_factory=list)
    """Gates that may be shut; see PASSABLE in gates/registry.py for those that can be named."""
    valid_minutes: int = Field(default=30, ge=1, le=60)
    """From asking people to the last cluster's beginning."""
    review: ReviewRule

    @model_validator(mode="after")
    def _two_people(self) -> EmergencyRule:
        if not self.required([]):
            raise ValueError("a second person must sign: name roles or panels")
        if Involvement.REQUESTER not in self.not_by:
            raise ValueError("not_by must name requester: who asks is one of the two, who signs the other")
        return self

    @property
    def validity(self) -> timedelta:
        """How long the signatures may be given and used."""
        return timedelta(minutes=self.valid_minutes)


class Emergency(Record):
    """Why the glass shall be broken: an incident of the tracker, and the reason of the person who asks."""

    incident: StoryKey
    reason: str = Field(max_length=LONGEST_REASON)

    @model_validator(mode="after")
    def _says_why(self) -> Emergency:
        if len(self.reason.strip()) < SHORTEST_REASON:
            raise ValueError(f"reason: say why in {SHORTEST_REASON} characters or more")
        return self


class TrackerIssue(Record):
    """An issue as the tracker tells it, whatever its type."""

    key: StoryKey
    title: str
    type: str
    status: str
    closed: bool
    url: str


class Witnessed(Record):
    """What the notary itself read back about a run that asks: the incident, and who started the run."""

    issue: TrackerIssue | None
    """None where the tracker does not know it."""
    started_by: str | None
    """The catalogue person who started the run, by Airflow's word."""
    incident: str
    """What the run was started with, by Airflow's word."""
    reason: str


class Use(Record):
    """A glass that was broken: a warrant was issued past gates that were shut."""

    id: str
    """The approval request's; one question, one use."""
    story: StoryKey
    run: str
    environment: str
    bundle: Sha256
    components: list[str]
    emergency: Emergency
    requester: str
    signers: list[str]
    passed: dict[str, str]
    """Gate → why it was shut."""
    warrant: str
    at: AwareDatetime
    review_by: list[str]
    """Roles of which the reviewer must have one."""
    reviewers: list[str]
    """Who could review it when it was used."""
    review_due_at: AwareDatetime

    @property
    def key(self) -> str:
        """Names it in the ledger."""
        return f"emergency:{self.id}"

    @property
    def review_key(self) -> str:
        """Names its review in the ledger."""
        return f"emergency:{self.id}:reviewed"

    @property
    def told(self) -> str:
        """What was done, in one sentence."""
        past = ", ".join(self.passed) or "no shut gate"
        return (
            f"{self.story} to {self.environment} in emergency {self.emergency.incident} at "
            f"{self.at:%Y-%m-%d %H:%M} UTC, past {past}, by {self.requester} and {', '.join(self.signers)}"
        )


class Review(Record):
    """What somebody who was neither of the two found afterwards."""

    emergency: str
    person: str
    justified: bool
    finding: str
    at: AwareDatetime
    source: str
    """Where the answer was re-read: the Airflow prompt's address."""


class Glass(Record):
    """What breaking the glass comes to in one run: what a rule may look at."""

    emergency: Emergency
    path: str
    """Which path asks; who may start one is a right of its own in Airflow."""
    rule: EmergencyRule | None
    """None where the environment has none."""
    incident_type: str
    witnessed: Witnessed | None
    overdue: list[Use] = Field(default_factory=list)
    """Uses for these components whose review should have been done by now."""

"""What other systems say about delivered work: recorded, so that figures come from the ledger alone.

An observation is written when it differs from the last one about the same thing; the newest counts.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from hummingbird.core.artifact import Commit, Sha256
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey


class ObservedCommit(Record):
    """A commit and when its author made it."""

    id: Commit
    at: AwareDatetime


class CommitsObserved(Record):
    """The commits that a bundle brought to production: between what served there before and its own."""

    about: Literal["commits"] = "commits"
    component: str
    bundle: Sha256
    commits: list[ObservedCommit]

    @property
    def subject(self) -> str:
        """What it is about."""
        return f"{self.component}@{self.bundle}"


class CodeObserved(Record):
    """A component's code at the head of its lasting branch, and the commits that are new there."""

    about: Literal["code"] = "code"
    component: str
    commit: Commit
    lines: dict[str, int]
    """Language → lines that are not blank."""
    commits: list[ObservedCommit] = Field(default_factory=list)
    """Those since the observation before; merges are none."""

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.component


class CodeReport(Record):
    """What a pod saw of the components' code."""

    seen: list[CodeObserved]


class StoryObserved(Record):
    """What a story is worth, what people worked on it, and its test cases."""

    about: Literal["story"] = "story"
    story: StoryKey
    value: float | None = None
    """Value points; None where nobody gave any."""
    worked_seconds: float = Field(default=0.0, ge=0)
    cases: int = Field(default=0, ge=0)
    """Test cases that the tracker has for it."""
    automated: int = Field(default=0, ge=0)
    """Those of them that run by themselves."""

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.story


class IncidentObserved(Record):
    """Something that was wrong in production."""

    about: Literal["incident"] = "incident"
    incident: StoryKey
    component: str | None = None
    caused_by: StoryKey | None = None
    """The story whose delivery caused it, where a person said so."""
    began_at: AwareDatetime
    resolved_at: AwareDatetime | None = None

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.incident


Observation = Annotated[
    CommitsObserved | CodeObserved | StoryObserved | IncidentObserved, Field(discriminator="about")
]
OBSERVATION: TypeAdapter[CommitsObserved | CodeObserved | StoryObserved | IncidentObserved] = TypeAdapter(
    Observation
)


def observation_event(
    seen: CommitsObserved | CodeObserved | StoryObserved | IncidentObserved, run: str, actor: str
) -> DeliveryEvent:
    """The event of an observation: one a run about each thing."""
    return DeliveryEvent(
        kind=EventKind.METRICS_OBSERVED,
        key=f"observed:{seen.about}:{seen.subject}:{sha256_hex(run.encode())[:12]}",
        subject=seen.subject,
        story=seen.story if isinstance(seen, StoryObserved) else None,
        bundle=seen.bundle if isinstance(seen, CommitsObserved) else None,
        component=None if isinstance(seen, StoryObserved) else seen.component,
        run=run,
        actor=actor,
        data={"observation": seen.document()},
    )

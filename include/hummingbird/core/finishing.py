"""A delivered release or hotfix on its way back: where it came from, and what became of it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from hummingbird.core.bundle import BundleComponent
from hummingbird.core.gitflow import BranchKind, branch_kind
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey


class Origin(Record):
    """Where a delivered commit came from."""

    component: str
    version: str
    commit: str
    branch: str
    story: StoryKey

    @property
    def is_hotfix(self) -> bool:
        """Whether it was delivered from a hotfix branch."""
        return branch_kind(self.branch) is BranchKind.HOTFIX


class Finishing(Record):
    """What finishing needs to know of one component."""

    project: str
    carried: BundleComponent
    origin: Origin
    bundle: str
    run: str


class How(StrEnum):
    """What became of one way into a branch."""

    MERGED = "merged"
    CONTAINED = "contained"
    LEFT_OPEN = "left open"


class Return(Record):
    """One delivered component's way into one branch."""

    component: str
    version: str
    target: str
    how: How
    merge_request: int | None = None
    url: str | None = None
    why: str = ""
    files: list[str] = Field(default_factory=list)

    @property
    def sentence(self) -> str:
        """For the run: `order-gateway 1.1.1 is in master`, or why it is not."""
        subject = f"{self.component} {self.version}"
        if self.how is How.LEFT_OPEN:
            return f"{subject} is not in {self.target}: {self.why}"
        return f"{subject} is in {self.target}"

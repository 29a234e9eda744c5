"""A firm's own past: facts that happened before the platform, told by a person, one row each."""

from __future__ import annotations

from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from hummingbird.core.canonical import content_hash
from hummingbird.core.metric import FactKind
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey

COUNTED = frozenset({FactKind.CYCLE, FactKind.DEPLOYMENT, FactKind.COMMIT, FactKind.INCIDENT})
"""Facts that only happen: each counts 1."""
JUDGED = frozenset({FactKind.CHANGE, FactKind.REWORK})
"""Facts that are 1 or 0."""
TOGETHER = frozenset(kind for kind in FactKind if kind.value.startswith("regression"))
"""Facts of all components together: a night of regression."""


class PastFact(Record):
    """One row: what happened, when, to which component, and how much."""

    fact: FactKind
    at: AwareDatetime
    component: str | None = None
    environment: str | None = None
    value: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    story: StoryKey | None = None
    part: str | None = Field(default=None, max_length=60)
    """Of `lines`: the language."""
    note: str | None = Field(default=None, max_length=200)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.component is None) != (self.fact in TOGETHER):
            wanted = "none: it is about all together" if self.fact in TOGETHER else "a name"
            raise ValueError(f"component: of {self.fact} expected {wanted}")
        if self.fact in COUNTED and self.value not in (None, 1):
            raise ValueError(f"value: of {self.fact} expected nothing or 1, each row counts once")
        if self.fact in JUDGED and self.value not in (0, 1):
            raise ValueError(f"value: of {self.fact} expected 0 or 1")
        if self.fact not in COUNTED and self.value is None:
            raise ValueError(f"value: of {self.fact} expected a number")
        if (self.part is not None) != (self.fact is FactKind.LINES):
            raise ValueError("part: the language of `lines`, and of nothing else")
        return self

    @property
    def counts(self) -> float:
        """The fact's value."""
        return 1.0 if self.value is None else self.value

    @property
    def detail(self) -> dict[str, str]:
        """What is told beside."""
        return {name: told for name, told in (("part", self.part), ("note", self.note)) if told is not None}

    @property
    def subject(self) -> str:
        """Names the row by its content: the same row twice is the same."""
        return f"past:{content_hash(self.document())}"

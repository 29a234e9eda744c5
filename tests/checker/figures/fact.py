"""What figures are made of: one thing that happened, and how much of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

EAST = timedelta(hours=8)
"""Days are those of Shanghai, which has no summer time."""


class Fact(NamedTuple):
    """A fact; `together` says whether it counts in the figure of all components together."""

    kind: str
    at: datetime
    value: float | None
    component: str | None = None
    together: bool = True
    part: str | None = None
    sequence: int = 0

    @property
    def day(self) -> date:
        """The day in Shanghai."""
        return day_of(self.at)


def day_of(moment: datetime) -> date:
    """The day in Shanghai."""
    return (moment.astimezone(UTC) + EAST).date()


def moment(text: Any) -> datetime | None:
    """A moment as the ledger's documents write it; None where there is none."""
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def seconds(earlier: datetime, later: datetime) -> float:
    """From one to the other."""
    return (later - earlier) / timedelta(microseconds=1) / 1_000_000

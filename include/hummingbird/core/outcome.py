"""How a task ended, in one word that operations can see at a glance."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """First word of every task's last log line and of every run's note."""

    DONE = "DONE"
    REFUSED = "REFUSED"
    BROKEN = "BROKEN"
    WAITING = "WAITING"


def outcome_line(outcome: Outcome, sentence: str) -> str:
    """`REFUSED: why`, on one line whatever the sentence holds."""
    return f"{outcome}: {' '.join(sentence.split())}"

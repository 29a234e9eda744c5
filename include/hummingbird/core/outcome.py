"""How a task ended, in one word that operations can see at a glance."""

from __future__ import annotations

from collections.abc import Sequence
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


LINE, NOTE = 300, 1000
"""Most characters of the outcome line in a note, and of a whole note: Airflow keeps no more."""


def note_text(line: str, links: Sequence[str]) -> str:
    """A run's note: the outcome line, then Markdown links; whole ones only, as many as there is room for."""
    text = (line if len(line) <= LINE else f"{line[: LINE - 1]}…") + "\n\n"
    separator = ""
    for link in links:
        if len(text) + len(separator) + len(link) <= NOTE:
            text += separator + link
            separator = " · "
    return text.rstrip()

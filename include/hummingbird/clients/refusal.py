"""The notary's own words when it says no: its sentence is made for people and is passed on as it is."""

from __future__ import annotations

from hummingbird.clients.http import Answer
from hummingbird.core.errors import Conflict, Final, Mismatch


def refused(answer: Answer) -> Final:
    """The error in a 409 answer: Mismatch, or Conflict for everything else."""
    error = answer.document().get("error")
    told = error if isinstance(error, dict) else {}
    sentence = str(told.get("message") or f"{answer.head}: refused without a reason")
    return Mismatch(sentence) if told.get("kind") == "Mismatch" else Conflict(sentence)

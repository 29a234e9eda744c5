"""Three ways to answer."""

from __future__ import annotations

from hummingbird.core.gate import Answer, State


def is_open(gate: str, why: str) -> Answer:
    """The rule is satisfied."""
    return Answer(gate=gate, state=State.OPEN, why=why)


def waiting(gate: str, why: str) -> Answer:
    """The rule is not satisfied yet, and something expected can satisfy it."""
    return Answer(gate=gate, state=State.WAITING, why=why)


def refused(gate: str, why: str) -> Answer:
    """The rule is violated; only other content can satisfy it."""
    return Answer(gate=gate, state=State.REFUSED, why=why)

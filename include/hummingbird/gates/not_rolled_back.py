"""What was rolled back comes again when a person asks for it anew, and by nothing else."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused

GATE = "not_rolled_back"


def check(facts: Facts) -> Answer:
    """Open unless this bundle was taken back here after the run had been admitted, or nobody asked for it."""
    back = facts.rolled_back
    if back is None:
        return is_open(GATE, "it was not rolled back here")
    was = f"this bundle was rolled back in {back.cluster} at {back.at:%Y-%m-%d %H:%M} UTC by {back.run}"
    if facts.requester is None:
        return refused(GATE, f"{was}; nothing brings it again by itself: a person must start the path")
    if facts.admitted is None or facts.admitted < back.sequence:
        return refused(GATE, f"{was}, after this run was asked for; start the path again to ask anew")
    return is_open(GATE, f"{was}; {facts.requester} asked for it again")

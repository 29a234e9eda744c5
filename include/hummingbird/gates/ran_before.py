"""A rollback goes only to what ran here before: never to something new by the back door."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused

GATE = "ran_before"


def check(facts: Facts) -> Answer:
    """Open when the bundle ran in this environment before."""
    if facts.has_run_before:
        return is_open(GATE, f"bundle {facts.bundle.sha256[:12]} ran here before")
    return refused(GATE, f"bundle {facts.bundle.sha256[:12]} never ran in {facts.environment.name}")

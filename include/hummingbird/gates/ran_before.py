"""A rollback undoes what runs, and leads to what ran before: never to something new by the back door."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused

GATE = "ran_before"


def check(facts: Facts) -> Answer:
    """Open when the bundle runs in a cluster of this environment, and something ran there before it."""
    bundle, name = facts.bundle.sha256[:12], facts.environment.name
    if not facts.clusters:
        return refused(GATE, f"bundle {bundle} runs in no cluster of {name} any more")
    if not facts.has_run_before:
        return refused(GATE, f"nothing ran in {name} before bundle {bundle}")
    return is_open(GATE, f"{', '.join(facts.clusters)} ran something else before bundle {bundle}")

"""The same bundle ran in the environment before this one."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused

GATE = "passed_previous"


def check(facts: Facts) -> Answer:
    """Open when this very bundle was deployed in the previous environment, or nothing precedes."""
    previous = facts.environment.previous
    if previous is None:
        return is_open(GATE, "no environment comes before this one")
    if previous not in facts.deployed_environments:
        return refused(
            GATE, f"bundle {facts.bundle.sha256[:12]} never ran in {previous}; bring it there first"
        )
    return is_open(GATE, f"the same bundle ran in {previous}")

"""The digests lie in the repositories that the environment's clusters pull from."""

from __future__ import annotations

from hummingbird.core.environment import WhenUnreachable
from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused

GATE = "artifacts_promoted"


def check(facts: Facts) -> Answer:
    """Open when a promotion with read-back digests is recorded for every cluster in question.

    Where the environment proceeds without a cluster it cannot reach, the first wave's must be promoted.
    """
    missing = [cluster for cluster in facts.clusters if cluster not in facts.promoted_clusters]
    if not missing:
        return is_open(GATE, "all digests were read back where the clusters pull them")
    first = facts.environment.waves_of(facts.clusters)[0]
    stops = facts.environment.when_unreachable is WhenUnreachable.STOP
    if stops or set(first) & set(missing):
        return refused(GATE, f"bundle {facts.bundle.sha256[:12]} was not promoted for {', '.join(missing)}")
    return is_open(GATE, f"all digests were read back, but for {', '.join(missing)}: left out")

"""The digests lie in the repositories that the environment's clusters pull from."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused

GATE = "artifacts_promoted"


def check(facts: Facts) -> Answer:
    """Open when a promotion with read-back digests is recorded for every cluster of the environment."""
    missing = [cluster for cluster in facts.environment.clusters if cluster not in facts.promoted_clusters]
    if missing:
        return refused(GATE, f"bundle {facts.bundle.sha256[:12]} was not promoted for {', '.join(missing)}")
    return is_open(GATE, "all digests were read back where the clusters pull them")

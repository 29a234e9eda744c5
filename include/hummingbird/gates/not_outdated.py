"""Never the older over the newer: going back is a rollback, with its own approval."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.core.lineage import Relation, RunsThere
from hummingbird.gates.answers import is_open, refused, waiting

GATE = "not_outdated"


def check(facts: Facts) -> Answer:
    """Open when the bundle contains what runs in every cluster in question, or has diverged from it."""
    unknown = []
    for there in facts.runs_there:
        if there.bundle == facts.bundle.sha256:
            continue
        carried = facts.bundle.component(there.component)
        if carried is None:
            continue
        if there.later and not there.same_settings and _same_code(there, carried.commit):
            return refused(
                GATE,
                f"{there.cluster} runs configuration of {there.component} (bundle {there.bundle[:12]}) that "
                "came after this bundle had been sealed; seal the story anew by test_deploy",
            )
        if there.commit == carried.commit:
            continue
        if there.relation is None:
            unknown.append(f"{there.component} {carried.commit[:8]} to {there.commit[:8]}")
        elif there.relation is Relation.BEHIND:
            return refused(
                GATE,
                f"{there.cluster} runs {there.component} {there.commit[:8]} (bundle {there.bundle[:12]}), "
                f"which contains {carried.commit[:8]} already; going back to it is a rollback",
            )
    if unknown:
        return waiting(GATE, f"nobody has read yet how {', '.join(sorted(set(unknown)))} relates")
    return is_open(GATE, "nothing newer runs")


def _same_code(there: RunsThere, commit: str) -> bool:
    return there.commit == commit or there.settings_alone

"""The rules that exist, and how their answers become a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hummingbird.core.environment import Environment
from hummingbird.core.gate import Answer, Facts, Verdict
from hummingbird.gates import (
    approvals_complete,
    artifacts_promoted,
    build_signed,
    findings_clear,
    passed_previous,
    ran_before,
    story_ready,
    suites_green,
    unit_tests_green,
    window_open,
)

GATES: dict[str, Callable[[Facts], Answer]] = {
    module.GATE: module.check
    for module in (
        story_ready,
        findings_clear,
        unit_tests_green,
        build_signed,
        passed_previous,
        suites_green,
        ran_before,
        approvals_complete,
        artifacts_promoted,
        window_open,
    )
}

LATE = frozenset({"approvals_complete", "artifacts_promoted", "window_open"})
"""Gates that cannot be open before people are asked; they are looked at for the warrant only."""

ROLLBACK = ("ran_before", "build_signed", "approvals_complete", "artifacts_promoted")
"""What a rollback needs: no window, no new scan, but people, and something that ran here."""


def gates_for(environment: Environment, operation: str, stage: str) -> list[str]:
    """Names of the gates of an operation at a stage: `ask` before people are asked, `warrant` after."""
    if operation == "rollback":
        needless = set() if environment.rollback_approval.named_roles else {"approvals_complete"}
        if "artifacts_promoted" not in environment.gates:
            needless.add("artifacts_promoted")
        names = [name for name in ROLLBACK if name not in needless]
    else:
        names = list(environment.gates)
    return [name for name in names if stage == "warrant" or name not in LATE]


def decide(names: Iterable[str], facts: Facts) -> Verdict:
    """Ask every named gate; a name that does not exist raises KeyError, so that no rule is skipped."""
    return Verdict(answers=[GATES[name](facts) for name in names])

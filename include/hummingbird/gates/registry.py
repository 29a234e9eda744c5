"""The rules that exist, and how their answers become a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hummingbird.core.environment import Environment
from hummingbird.core.gate import Answer, Facts, State, Verdict
from hummingbird.gates import (
    approvals_complete,
    artifacts_promoted,
    break_glass,
    build_signed,
    findings_clear,
    in_turn,
    not_outdated,
    not_rolled_back,
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
        not_outdated,
        not_rolled_back,
        in_turn,
        break_glass,
    )
}

LATE = frozenset({"approvals_complete", "artifacts_promoted", "in_turn"})
"""Gates that cannot be open before people are asked; they are looked at for the warrant only."""

ROLLBACK = ("ran_before", "build_signed", "approvals_complete", "artifacts_promoted", "window_open")
"""What a rollback needs: no new scan, but people, something that ran here, and the window of rollbacks."""

ALWAYS = ("not_outdated", "not_rolled_back", "in_turn")
"""What no environment can leave out. A rollback is meant to bring back what is older; it waits its turn."""

PASSING = frozenset({window_open.GATE, in_turn.GATE})
"""Gates that open by themselves: a release waits for them, holding nothing."""

PASSABLE = frozenset({window_open.GATE, suites_green.GATE})
"""Gates that an emergency rule may name: the hour, and tests that take long. Never what was built, scanned
and promoted, what ran in the environment before, who must agree, or whose turn it is."""


def gates_for(
    environment: Environment, operation: str, stage: str, *, in_emergency: bool = False
) -> list[str]:
    """Names of the gates of an operation at a stage: `ask` before people are asked, `warrant` after."""
    if operation == "rollback":
        needless = set() if environment.rollback_approval.named_roles else {"approvals_complete"}
        if "artifacts_promoted" not in environment.gates:
            needless.add("artifacts_promoted")
        names = [name for name in (*ROLLBACK, in_turn.GATE) if name not in needless]
    else:
        names = list(dict.fromkeys([*environment.gates, *ALWAYS]))
    if in_emergency:
        names = list(dict.fromkeys([*names, approvals_complete.GATE, break_glass.GATE]))
    return [name for name in names if stage == "warrant" or name not in LATE]


def only_time_is_missing(verdict: Verdict) -> bool:
    """Whether every rule that is not open yet opens by itself."""
    shut = [answer for answer in verdict.answers if answer.state is not State.OPEN]
    return bool(shut) and all(a.gate in PASSING and a.state is State.WAITING for a in shut)


def decide(names: Iterable[str], facts: Facts) -> Verdict:
    """Ask every named gate; a name that does not exist raises KeyError, so that no rule is skipped."""
    return Verdict(answers=[_or_passed(GATES[name](facts), facts) for name in names])


def _or_passed(answer: Answer, facts: Facts) -> Answer:
    """The answer; open where an emergency passes the gate, with the reason why it is shut."""
    rule = facts.glass.rule if facts.glass else None
    if facts.glass is None or rule is None or answer.state is State.OPEN:
        return answer
    if answer.gate not in PASSABLE or answer.gate not in rule.passes:
        return answer
    why = f"passed in emergency {facts.glass.emergency.incident}: {answer.why}"
    return Answer(gate=answer.gate, state=State.OPEN, why=why, passed=True)

"""What the second person reads of an emergency: first in the line of what could hurt, then in the details."""

from __future__ import annotations

from hummingbird.core.gate import Facts, Verdict
from hummingbird.notary.plain_text import plain


def emergency_lines(facts: Facts, verdict: Verdict) -> list[str]:
    """The line of the risk, then the details; none in a normal question."""
    glass = facts.glass
    if glass is None or glass.rule is None:
        return []
    issue = glass.witnessed.issue if glass.witnessed else None
    named = f"{issue.key} {plain(issue.title, 80)} ({plain(issue.status, 40)})" if issue else "none"
    passed = [answer for answer in verdict.answers if answer.passed]
    past = ", ".join(answer.gate for answer in passed) or "no shut gate so far"
    return [
        f"EMERGENCY {named}: passes {past}; one use within {glass.rule.valid_minutes} minutes, then a review "
        f"by somebody else within {glass.rule.review.due_hours} hours",
        f"reason that {facts.requester} gives: {plain(glass.emergency.reason, 300)}",
        *(f"{answer.gate} is {answer.why}" for answer in passed),
    ]

"""Enough different people agreed to exactly this content."""

from __future__ import annotations

from hummingbird.core.approval import ApprovalRequest, Decision
from hummingbird.core.environment import ApprovalRule
from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused, waiting

GATE = "approvals_complete"


def check(facts: Facts) -> Answer:
    """Open when every signature of the request is given by another person, none of them the requester."""
    rule = facts.environment.approval if facts.operation == "deploy" else facts.environment.rollback_approval
    if not rule.roles:
        return is_open(GATE, "nobody has to agree here")
    request = facts.request
    if request is None:
        return refused(GATE, "nobody was asked about this bundle")
    why = _void(facts, request) or _unsound(facts, request, rule)
    if why:
        return refused(GATE, why)
    given = {approval.number: approval for approval in facts.approvals}
    missing = [signature.role for signature in request.signatures if signature.number not in given]
    if missing:
        return waiting(GATE, f"waits for {', '.join(missing)}")
    return is_open(GATE, f"signed by {', '.join(approval.person for approval in given.values())}")


def _void(facts: Facts, request: ApprovalRequest) -> str | None:
    changed = _changed(facts, request)
    if changed:
        return f"{changed} changed since people were asked; a new run asks again"
    if facts.now >= request.expires_at:
        return f"the approvals expired at {request.expires_at:%Y-%m-%d %H:%M} UTC; a new run asks again"
    return None


def _unsound(facts: Facts, request: ApprovalRequest, rule: ApprovalRule) -> str | None:
    people = [approval.person for approval in facts.approvals]
    rejected = [a for a in facts.approvals if a.decision is Decision.REJECTED]
    if rejected:
        return f"{rejected[0].person} ({rejected[0].role}) rejected: {rejected[0].reason}"
    if any(approval.request != request.id for approval in facts.approvals):
        return "an approval of another request was presented"
    if len(set(people)) < len(people):
        return "one person gave two signatures; every signature needs another person"
    if facts.requester is not None and facts.requester in people:
        return f"{facts.requester} asked for this and signed it; another person must sign"
    if sorted(signature.role for signature in request.signatures) != sorted(rule.roles):
        return "the roles that were asked are not the roles that the policy names"
    return None


def _changed(facts: Facts, request: ApprovalRequest) -> str | None:
    pairs = {
        "the bundle": (request.bundle, facts.bundle.sha256),
        "the evidence": (request.evidence, facts.evidence_hash),
        "the environment": (request.environment, facts.environment.name),
        "the operation": (request.operation, facts.operation),
        "the policy": (request.policy_version, facts.policy_version),
        "the requester": (request.requester, facts.requester),
    }
    return next((what for what, (asked, now) in pairs.items() if asked != now), None)

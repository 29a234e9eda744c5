"""Enough different people, none of them part of it, agreed to exactly this content."""

from __future__ import annotations

from hummingbird.core.approval import Approval, ApprovalRequest, Decision
from hummingbird.core.approval_rule import AgreementRule, Involvement
from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused, waiting

GATE = "approvals_complete"


def check(facts: Facts) -> Answer:
    """Open when every signature is given by another person who may give it, now as when people were asked."""
    rule = facts.rule
    if not rule.required(facts.classes):
        return is_open(GATE, "nobody has to agree here")
    request = facts.request
    if request is None:
        return refused(GATE, "nobody was asked about this bundle")
    if facts.withdrawal is not None:
        return refused(GATE, facts.withdrawal.sentence)
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


def _unsound(facts: Facts, request: ApprovalRequest, rule: AgreementRule) -> str | None:
    people = [approval.person for approval in facts.approvals]
    rejected = [a for a in facts.approvals if a.decision is Decision.REJECTED]
    if rejected:
        return f"{rejected[0].person} ({rejected[0].role}) rejected: {rejected[0].reason}"
    if any(approval.request != request.id for approval in facts.approvals):
        return "an approval of another request was presented"
    if len(set(people)) < len(people):
        return "one person gave two signatures; every signature needs another person"
    if facts.requester in people and Involvement.REQUESTER in rule.not_by:
        return f"{facts.requester} asked for this and signed it; another person must sign"
    if sorted(sorted(s.roles) for s in request.signatures) != sorted(rule.required(facts.classes)):
        return "the roles that were asked are not the roles that the policy names"
    return next(filter(None, (_unfit(facts, request, rule, approval) for approval in facts.approvals)), None)


def _unfit(facts: Facts, request: ApprovalRequest, rule: AgreementRule, approval: Approval) -> str | None:
    """Why this person's signature does not count, now that it is used."""
    person = approval.person
    parts = [part.value for part in facts.involved.get(person, []) if part in rule.not_by]
    if parts:
        return f"{person} signed this and is its {' and '.join(parts)}; another person must sign"
    roles = next((s.roles for s in request.signatures if s.number == approval.number), [])
    if not any(person in facts.holders.get(role, []) for role in roles):
        return f"{person} signed as {approval.role} and has that role no more; a new run asks again"
    return None


def _changed(facts: Facts, request: ApprovalRequest) -> str | None:
    emergency = facts.glass.emergency if facts.glass else None
    policy = (request.policy_version, facts.policy_version)
    pairs: dict[str, tuple[object, object]] = {
        "the bundle": (request.bundle, facts.bundle.sha256),
        "the evidence": (request.evidence, facts.evidence_hash),
        "the environment": (request.environment, facts.environment.name),
        "the operation": (request.operation, facts.operation),
        "the policy": policy if request.policy is None else (request.policy, facts.policy),
        "the requester": (request.requester, facts.requester),
        "the emergency": (request.emergency, emergency),
    }
    return next((what for what, (asked, now) in pairs.items() if asked != now), None)

"""Asking people: one request for a run, bundle, evidence, environment, policy; never while a gate is shut."""

from __future__ import annotations

from sqlalchemy import Connection

from hummingbird.core.approval import ApprovalRequest, RequestState, RequestStatus, Signature
from hummingbird.core.approval_rule import AgreementRule
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.gate import Facts, State, Verdict
from hummingbird.core.record import Record
from hummingbird.gates.answers import refused
from hummingbird.gates.registry import only_time_is_missing
from hummingbird.ledger.append import append, take_pen
from hummingbird.ledger.views import by_key
from hummingbird.notary.brief import brief_of
from hummingbird.notary.closing import close_request
from hummingbird.notary.decisions import Decision, Question, decide_and_record
from hummingbird.notary.requests import request_event, request_key, status_of
from hummingbird.notary.signing import SigningKey


class Asked(Record):
    """The request and whether this call made it."""

    status: RequestStatus
    created: bool


def ask(connection: Connection, catalogue: Catalogue, key: SigningKey, question: Question) -> Asked | Verdict:
    """Find or create the request, or the verdict that says why people are not asked."""
    take_pen(connection)
    unasked = question.model_copy(update={"approval": None})
    decision = decide_and_record(connection, catalogue, key, unasked, "ask")
    if decision.verdict.state is not State.OPEN and not only_time_is_missing(decision.verdict):
        return decision.verdict
    request = _request(connection, catalogue, decision, question)
    unfilled = _unfilled(request)
    if unfilled is not None:
        return Verdict(answers=[*decision.verdict.answers, refused("approvers", unfilled)])
    if by_key(connection, request_key(request.id)) is not None:
        return Asked(status=status_of(connection, request.id), created=False)
    append(connection, _asked_event(request))
    status = status_of(connection, request.id)
    if status.state is RequestState.APPROVED:
        close_request(connection, status)
    return Asked(status=status, created=True)


def _unfilled(request: ApprovalRequest) -> str | None:
    """Why people are not asked in vain: each signature needs somebody who may, all of them so many people."""
    for signature in request.signatures:
        if not signature.candidates:
            return f"nobody may sign as {signature.role}: all who hold the role are part of this"
    people = {name for signature in request.signatures for name in signature.candidates}
    if len(people) < len(request.signatures):
        return f"{len(request.signatures)} people must sign and {', '.join(sorted(people))} may"
    return None


def _signatures(catalogue: Catalogue, facts: Facts, rule: AgreementRule) -> list[Signature]:
    barred = {name for name, parts in facts.involved.items() if not set(parts).isdisjoint(rule.not_by)}
    return [
        Signature(
            number=number,
            role=" or ".join(roles),
            any_of=roles,
            candidates=[p.name for p in catalogue.holders_of_any(roles) if p.name not in barred],
        )
        for number, roles in enumerate(rule.required(facts.classes), start=1)
    ]


def _request(
    connection: Connection, catalogue: Catalogue, decision: Decision, question: Question
) -> ApprovalRequest:
    facts = decision.facts
    rule = facts.rule
    return ApprovalRequest(
        story=decision.plan.story.key if decision.plan else facts.bundle.story,
        bundle=question.bundle,
        evidence=facts.evidence_hash,
        environment=question.environment,
        operation=question.operation.value,
        policy_version=facts.policy_version,
        policy=facts.policy,
        requester=facts.requester,
        asked_by=question.run,
        asked_at=facts.now,
        expires_at=facts.now + rule.validity,
        signatures=_signatures(catalogue, facts, rule),
        brief=brief_of(connection, facts, decision.plan, decision.verdict),
        emergency=facts.glass.emergency if facts.glass else None,
    )


def _asked_event(request: ApprovalRequest) -> DeliveryEvent:
    actor, data = request.requester or "platform", {"request": request.document()}
    return request_event(request, EventKind.APPROVAL_ASKED, request_key(request.id), actor, data)

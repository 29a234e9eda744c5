"""Asking people: one request for a run, bundle, evidence, environment, policy; never while a gate is shut."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from hummingbird.core.approval import ApprovalRequest, RequestState, RequestStatus, Signature
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import ApprovalRule, Environment
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.gate import State, Verdict
from hummingbird.core.record import Record
from hummingbird.core.warrant import Operation
from hummingbird.gates.registry import only_time_is_missing
from hummingbird.ledger.append import append, take_pen
from hummingbird.ledger.views import by_key
from hummingbird.notary.brief import brief_of
from hummingbird.notary.decisions import Decision, Question, decide_and_record
from hummingbird.notary.requests import closed_key, request_key, status_of
from hummingbird.notary.signing import SigningKey


class Asked(Record):
    """The request and whether this call made it."""

    status: RequestStatus
    created: bool


def rule_of(environment: Environment, operation: Operation) -> ApprovalRule:
    """Who must agree to the operation."""
    return environment.approval if operation is Operation.DEPLOY else environment.rollback_approval


def ask(connection: Connection, catalogue: Catalogue, key: SigningKey, question: Question) -> Asked | Verdict:
    """Find or create the request, or the verdict that says why people are not asked."""
    take_pen(connection)
    unasked = question.model_copy(update={"approval": None})
    decision = decide_and_record(connection, catalogue, key, unasked, "ask")
    if decision.verdict.state is not State.OPEN and not only_time_is_missing(decision.verdict):
        return decision.verdict
    request = _request(connection, decision, question)
    if by_key(connection, request_key(request.id)) is not None:
        return Asked(status=status_of(connection, request.id), created=False)
    append(connection, _asked_event(request))
    status = status_of(connection, request.id)
    if status.state is RequestState.APPROVED:
        append(connection, closed_event(status))
    return Asked(status=status, created=True)


def closed_event(status: RequestStatus) -> DeliveryEvent:
    """The end of a request: approved, rejected or void."""
    request = status.request
    return DeliveryEvent(
        kind=EventKind.APPROVAL_CLOSED,
        key=closed_key(status.id),
        subject=status.id,
        story=request.story,
        bundle=request.bundle,
        environment=request.environment,
        run=request.asked_by,
        actor="notary",
        data={"state": status.state.value, "why": status.why},
    )


def _request(connection: Connection, decision: Decision, question: Question) -> ApprovalRequest:
    facts = decision.facts
    rule = rule_of(facts.environment, question.operation)
    return ApprovalRequest(
        story=decision.plan.story.key if decision.plan else facts.bundle.story,
        bundle=question.bundle,
        evidence=facts.evidence_hash,
        environment=question.environment,
        operation=question.operation.value,
        policy_version=facts.policy_version,
        requester=facts.requester,
        asked_by=question.run,
        asked_at=facts.now,
        expires_at=facts.now + timedelta(hours=rule.valid_hours),
        signatures=[Signature(number=n, role=role) for n, role in enumerate(rule.roles, start=1)],
        brief=brief_of(connection, facts, decision.plan),
    )


def _asked_event(request: ApprovalRequest) -> DeliveryEvent:
    return DeliveryEvent(
        kind=EventKind.APPROVAL_ASKED,
        key=request_key(request.id),
        subject=request.id,
        story=request.story,
        bundle=request.bundle,
        environment=request.environment,
        run=request.asked_by,
        actor=request.requester or "platform",
        data={"request": request.document()},
    )

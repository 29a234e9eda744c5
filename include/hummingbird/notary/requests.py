"""Approval requests as they stand: computed from the ledger whenever somebody looks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from hummingbird.core.approval import (
    Approval,
    ApprovalRequest,
    Decision,
    RequestState,
    RequestStatus,
    Withdrawal,
)
from hummingbird.core.errors import NotFound
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.ledger.append import database_now
from hummingbird.ledger.views import by_key, events

_TOLD = (
    EventKind.APPROVAL_ASKED,
    EventKind.APPROVAL_ANSWERED,
    EventKind.APPROVAL_WITHDRAWN,
    EventKind.APPROVAL_CLOSED,
)


def request_key(identity: str) -> str:
    """Idempotency key of a question."""
    return f"approval:{identity}"


def closed_key(identity: str) -> str:
    """Idempotency key of a question's end."""
    return f"{request_key(identity)}:closed"


def withdrawn_key(identity: str) -> str:
    """Idempotency key of what was taken back: once for a question."""
    return f"{request_key(identity)}:withdrawn"


def shown_key(issue: str) -> str:
    """Idempotency key of the issue in which a signature can be given: it is of one signature for ever."""
    return f"shown:{issue}"


def request_event(
    request: ApprovalRequest, kind: EventKind, key: str, actor: str, data: dict[str, Any]
) -> DeliveryEvent:
    """An event about a question: of its story, bundle, environment and run."""
    return DeliveryEvent(
        kind=kind,
        key=key,
        subject=request.id,
        story=request.story,
        bundle=request.bundle,
        environment=request.environment,
        run=request.asked_by,
        actor=actor,
        data=data,
    )


def shown_in(connection: Connection, identity: str) -> dict[int, str]:
    """Signature → the tracker's issue in which it can be given."""
    recorded = events(connection, kinds=[EventKind.APPROVAL_SHOWN], subject=identity)
    return {int(r.event.data["number"]): str(r.event.data["issue"]) for r in recorded}


def find_request(connection: Connection, identity: str) -> ApprovalRequest:
    """The question; NotFound when nobody asked it."""
    recorded = by_key(connection, request_key(identity))
    if recorded is None:
        raise _unknown(identity)
    return ApprovalRequest.model_validate(recorded.event.data["request"])


def approvals_of(connection: Connection, identity: str) -> list[Approval]:
    """The recorded answers, in order."""
    recorded = events(connection, kinds=[EventKind.APPROVAL_ANSWERED], subject=identity)
    return [_approval(r) for r in recorded]


def withdrawal_of(connection: Connection, identity: str) -> Withdrawal | None:
    """Who took the question, or a signature of it, back."""
    recorded = by_key(connection, withdrawn_key(identity))
    return Withdrawal.model_validate(recorded.event.data["withdrawal"]) if recorded else None


def status_of(connection: Connection, identity: str) -> RequestStatus:
    """The question, its answers and what they amount to by the database's clock."""
    told = events(connection, kinds=_TOLD, subject=identity)
    by_key = {recorded.event.key: recorded.event for recorded in told}
    asked = by_key.get(request_key(identity))
    if asked is None:
        raise _unknown(identity)
    request = ApprovalRequest.model_validate(asked.data["request"])
    approvals = [_approval(r) for r in told if r.event.kind is EventKind.APPROVAL_ANSWERED]
    state, why = (
        _withdrawn(by_key.get(withdrawn_key(identity)))
        or _void(by_key.get(closed_key(identity)))
        or _state(request, approvals, database_now(connection))
    )
    return RequestStatus(id=identity, request=request, approvals=approvals, state=state, why=why)


def _unknown(identity: str) -> NotFound:
    return NotFound(f"no approval request {identity[:64]} was made")


def _approval(recorded: RecordedEvent) -> Approval:
    return Approval.model_validate(recorded.event.data["approval"])


def _withdrawn(event: DeliveryEvent | None) -> tuple[RequestState, str] | None:
    """What was taken back stays so, whatever had been signed."""
    if event is None:
        return None
    return RequestState.WITHDRAWN, Withdrawal.model_validate(event.data["withdrawal"]).sentence


def _void(closed: DeliveryEvent | None) -> tuple[RequestState, str] | None:
    """A request that was found void stays so."""
    if closed is None or closed.data["state"] != RequestState.VOID:
        return None
    return RequestState.VOID, str(closed.data["why"])


def _state(request: ApprovalRequest, approvals: list[Approval], now: datetime) -> tuple[RequestState, str]:
    rejected = next((a for a in approvals if a.decision is Decision.REJECTED), None)
    if rejected is not None:
        return RequestState.REJECTED, f"{rejected.person} ({rejected.role}) rejected: {rejected.reason}"
    given = {approval.number for approval in approvals}
    missing = [s.role for s in request.signatures if s.number not in given]
    if not missing:
        people = ", ".join(f"{a.person} ({a.role})" for a in approvals)
        return RequestState.APPROVED, f"signed by {people}" if people else "nobody has to agree here"
    if now >= request.expires_at:
        return RequestState.EXPIRED, f"nobody answered for {', '.join(missing)} in time; a new run asks again"
    return RequestState.OPEN, f"waits for {', '.join(missing)}"

"""The end of a question: said in the ledger, and to the issues in which nobody needs to answer."""

from __future__ import annotations

from sqlalchemy import Connection

from hummingbird.core.approval import RequestStatus
from hummingbird.core.event import EventKind
from hummingbird.ledger.append import append
from hummingbird.notary.errands import Errand, What, enqueue_errand
from hummingbird.notary.requests import closed_key, request_event, shown_in


def close_request(connection: Connection, status: RequestStatus) -> None:
    """Approved, rejected, expired, void or withdrawn: once."""
    data = {"state": status.state.value, "why": status.why}
    append(
        connection,
        request_event(status.request, EventKind.APPROVAL_CLOSED, closed_key(status.id), "notary", data),
    )
    given = {approval.number for approval in status.approvals}
    if any(number not in given for number in shown_in(connection, status.id)):
        enqueue_errand(connection, Errand(what=What.CLOSE_ISSUES, request=status.id, why=status.why))

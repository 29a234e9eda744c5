"""Going on with an older ledger, on a person's word: recorded, and what was permitted before is void."""

from __future__ import annotations

from sqlalchemy import Connection, func, update

from hummingbird.core.errors import Invalid
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.ledger.append import append, take_pen
from hummingbird.ledger.schema import ticket
from hummingbird.ledger.views import by_key, newest
from hummingbird.ledger.witness import Witness, head_of

SHORTEST_REASON = 10


def reconcile(connection: Connection, witness: Witness, person: str, reason: str) -> RecordedEvent:
    """Record who goes on and why, end every ticket; Invalid when nothing is wrong or no reason is given.

    The caller commits, then has the witness keep the new head. A crash in between is reconciled again.
    """
    if len(reason.strip()) < SHORTEST_REASON or not person.strip():
        raise Invalid(f"say who you are and why in {SHORTEST_REASON} letters or more; both are recorded")
    take_pen(connection)
    complaint = witness.complaint(connection)
    if complaint is None:
        raise Invalid("the ledger holds what its witness noted: there is nothing to reconcile")
    noted, head = witness.readable(), head_of(connection)
    connection.execute(update(ticket).values(expires_at=func.least(ticket.c.expires_at, func.now())))
    about = f"{noted.sequence}:{noted.hash}" if noted else "none"
    event = DeliveryEvent(
        kind=EventKind.LEDGER_RECONCILED,
        key=f"reconciled:{about}:{head.sequence}",
        subject="ledger",
        actor=person.strip(),
        data={
            "reason": reason.strip(),
            "noted": noted.document() if noted else None,
            "head": head.document(),
            "complaint": complaint,
        },
    )
    return append(connection, event).recorded


def void_since(connection: Connection, key: str) -> RecordedEvent | None:
    """The reconciliation after the event of that key, None when there was none: order is by sequence."""
    last = newest(connection, EventKind.LEDGER_RECONCILED)
    permitted = by_key(connection, key)
    if last is None or permitted is None or permitted.sequence > last.sequence:
        return None
    return last

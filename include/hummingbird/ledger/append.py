"""Writing: one event, once, at the end of the chain."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, text

from hummingbird.core.canonical import canonical_json
from hummingbird.core.errors import Conflict, Invalid
from hummingbird.core.event import DeliveryEvent, RecordedEvent
from hummingbird.ledger.chain import GENESIS, link
from hummingbird.ledger.envelope import envelope_of
from hummingbird.ledger.schema import event as table
from hummingbird.ledger.views import by_key

_PEN = 0x68_62_70_65_6E
"""Advisory lock that serialises writers; held to the end of the transaction."""


class Appended(NamedTuple):
    """The recorded event, and whether this call wrote it."""

    recorded: RecordedEvent
    created: bool


def take_pen(connection: Connection) -> None:
    """Become the only writer until the transaction ends; what is read afterwards stays true."""
    connection.execute(select(func.pg_advisory_xact_lock(_PEN)))


def database_now(connection: Connection) -> datetime:
    """The database's clock: one time for everyone, whoever asks."""
    now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now


def append(connection: Connection, event: DeliveryEvent) -> Appended:
    """Record an event; the one of the same key when there is one, Conflict when that says something else."""
    take_pen(connection)
    found = by_key(connection, event.key)
    if found is not None:
        if found.event.content_hash != event.content_hash:
            raise Conflict(f"event {event.key} is recorded with other content")
        return Appended(found, created=False)
    last = connection.execute(
        select(table.c.sequence, table.c.hash).order_by(table.c.sequence.desc()).limit(1)
    ).one_or_none()
    sequence, previous_hash = (last.sequence + 1, last.hash) if last else (1, GENESIS)
    moment = database_now(connection)
    envelope = envelope_of(event, sequence, moment)
    try:
        written = canonical_json(envelope).decode("utf-8")
    except ValueError as error:
        raise Invalid(f"event {event.key}: its data cannot be written as JSON: {error}") from error
    recorded = RecordedEvent(
        sequence=sequence,
        at=moment,
        event=event,
        envelope=envelope,
        previous_hash=previous_hash,
        hash=link(previous_hash, written),
    )
    connection.execute(insert(table).values(**row_of(recorded), envelope=written))
    return Appended(recorded, created=True)


def row_of(recorded: RecordedEvent) -> dict[str, object]:
    """The columns beside the envelope; verify compares them with it."""
    event = recorded.event
    return {
        "sequence": recorded.sequence,
        "at": recorded.at,
        "key": event.key,
        "kind": event.kind.value,
        "subject": event.subject,
        "story": event.story,
        "bundle": event.bundle,
        "component": event.component,
        "environment": event.environment,
        "cluster": event.cluster,
        "run": event.run,
        "actor": event.actor,
        "previous_hash": recorded.previous_hash,
        "hash": recorded.hash,
    }

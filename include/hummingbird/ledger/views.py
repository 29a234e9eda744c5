"""Reading: events by what they are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from hummingbird.core.errors import Invalid
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.ledger.schema import event as table

PLACES = ("story", "bundle", "component", "environment", "cluster", "run", "subject", "key")
"""Columns that events can be asked for by."""


def recorded_of(row: Row[Any]) -> RecordedEvent:
    """The record in a row."""
    envelope = json.loads(row.envelope)
    return RecordedEvent(
        sequence=row.sequence,
        at=row.at,
        event=DeliveryEvent.model_validate(envelope["customData"]["event"]),
        envelope=envelope,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )


def events(
    connection: Connection,
    *,
    kinds: Iterable[EventKind] = (),
    after: int = 0,
    limit: int | None = None,
    newest_first: bool = False,
    **where: str | None,
) -> list[RecordedEvent]:
    """Events in order; a `where` that is None does not restrict."""
    query = _matching(kinds, where).where(table.c.sequence > after)
    order = table.c.sequence.desc() if newest_first else table.c.sequence.asc()
    return [recorded_of(row) for row in connection.execute(query.order_by(order).limit(limit))]


def latest_first(
    connection: Connection, kinds: Iterable[EventKind], **where: str | None
) -> Iterator[RecordedEvent]:
    """Matching events from the last one back, streamed: for whoever stops early."""
    query = _matching(kinds, where).order_by(table.c.sequence.desc())
    for row in connection.execute(query.execution_options(yield_per=20)):
        yield recorded_of(row)


def newest(connection: Connection, *kinds: EventKind, **where: str | None) -> RecordedEvent | None:
    """The last event that matches, None when none does."""
    query = _matching(kinds, where).order_by(table.c.sequence.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return recorded_of(row) if row else None


def by_key(connection: Connection, key: str) -> RecordedEvent | None:
    """The event with that idempotency key."""
    row = connection.execute(select(table).where(table.c.key == key)).one_or_none()
    return recorded_of(row) if row else None


def height(connection: Connection) -> int:
    """The last sequence number; 0 for an empty ledger."""
    found: int = connection.execute(select(func.coalesce(func.max(table.c.sequence), 0))).scalar_one()
    return found


def _matching(kinds: Iterable[EventKind], where: dict[str, str | None]) -> Select[Any]:
    query = select(table)
    named = [kind.value for kind in kinds]
    if named:
        query = query.where(table.c.kind.in_(named))
    for place, value in where.items():
        if place not in PLACES:
            raise Invalid(f"events cannot be asked for by {place}; by {', '.join(PLACES)}")
        if value is not None:
            query = query.where(table.c[place] == value)
    return query

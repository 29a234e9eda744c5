"""Reading: events by what they are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Connection, Row, Select, Text, any_, bindparam, func, select

from hummingbird.core.errors import Invalid
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.ledger.schema import event as table

PLACES = ("story", "bundle", "component", "environment", "cluster", "run", "subject", "key")
"""Columns that events can be asked for by."""
_PAGE = 20
_LAST = 2**63 - 1
_BY_KEY = select(table).where(table.c.key == bindparam("wanted_key"))
_HEIGHT = select(func.coalesce(func.max(table.c.sequence), 0))


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
    rows = _matching(connection, kinds, where, newest_first=newest_first, after=after, most=limit)
    return [recorded_of(row) for row in rows]


def latest_first(
    connection: Connection, kinds: Iterable[EventKind], **where: str | None
) -> Iterator[RecordedEvent]:
    """Matching events from the last one back, a page at a time: for whoever stops early."""
    named, before = list(kinds), _LAST
    while True:
        page = _matching(connection, named, where, newest_first=True, before=before, most=_PAGE)
        for row in page:
            yield recorded_of(row)
        if len(page) < _PAGE:
            return
        before = page[-1].sequence


def newest(connection: Connection, *kinds: EventKind, **where: str | None) -> RecordedEvent | None:
    """The last event that matches, None when none does."""
    found = _matching(connection, kinds, where, newest_first=True, most=1)
    return recorded_of(found[0]) if found else None


def by_key(connection: Connection, key: str) -> RecordedEvent | None:
    """The event with that idempotency key."""
    row = connection.execute(_BY_KEY, {"wanted_key": key}).one_or_none()
    return recorded_of(row) if row else None


def height(connection: Connection) -> int:
    """The last sequence number; 0 for an empty ledger."""
    found: int = connection.execute(_HEIGHT).scalar_one()
    return found


def _matching(
    connection: Connection,
    kinds: Iterable[EventKind],
    where: dict[str, str | None],
    *,
    newest_first: bool,
    after: int = 0,
    before: int = _LAST,
    most: int | None = None,
) -> Sequence[Row[Any]]:
    unknown = where.keys() - set(PLACES)
    if unknown:
        raise Invalid(f"events cannot be asked for by {', '.join(unknown)}; by {', '.join(PLACES)}")
    named = [kind.value for kind in kinds]
    values = {place: value for place, value in where.items() if value is not None}
    query = _statement(bool(named), tuple(sorted(values)), newest_first)
    place = {"after": after, "before": before, "most": most}
    return connection.execute(query, {**values, **place, **({"kinds": named} if named else {})}).all()


@lru_cache(maxsize=256)
def _statement(named: bool, places: tuple[str, ...], newest_first: bool) -> Select[Any]:
    """Made once for each form of a question: making it costs about as much as asking it."""
    sequence = table.c.sequence
    query = select(table).where(sequence > bindparam("after", type_=BigInteger))
    query = query.where(sequence < bindparam("before", type_=BigInteger))
    if named:
        query = query.where(table.c.kind == any_(bindparam("kinds", type_=ARRAY(Text))))
    for place in places:
        query = query.where(table.c[place] == bindparam(place, type_=Text))
    ordered = query.order_by(sequence.desc() if newest_first else sequence.asc())
    return ordered.limit(bindparam("most", type_=BigInteger))

"""Many events at once: the same chain as one by one, whatever characters they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from psycopg2.errors import UniqueViolation
from sqlalchemy import Engine

from hummingbird.core.errors import Conflict
from hummingbird.core.event import DeliveryEvent
from hummingbird.ledger.append import append
from hummingbird.ledger.bulk import chained, extend, fill, go_on
from hummingbird.ledger.verify import rows_of, verify
from hummingbird.ledger.views import by_key
from unit.ledger.ledger_samples import an_event

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
AWKWARD = "委托\\N \\ tab\there\nline\rback \\. end"


def some(count: int = 3) -> list[tuple[datetime, DeliveryEvent]]:
    return [(NOW + timedelta(seconds=n), an_event(f"key:{n}", subject=f"{AWKWARD}{n}")) for n in range(count)]


def test_filling_and_going_on_make_one_chain_that_append_continues(writer: Engine) -> None:
    with writer.begin() as connection:
        head = fill(connection, some())
    with writer.begin() as connection:
        go_on(connection, [(NOW + timedelta(days=1), an_event("later"))])
        extend(connection, [an_event("now")])
        append(connection, an_event("one more"))
    assert head.sequence == 3
    with writer.connect() as connection:
        found = verify(rows_of(connection), checkpoint=(head.sequence, head.hash))
        told = by_key(connection, "key:1")
    assert (found.rows, found.wrong) == (6, None)
    assert told is not None
    assert (told.at, told.event.subject) == (NOW + timedelta(seconds=1), f"{AWKWARD}1")


def test_the_rows_are_those_that_append_writes(writer: Engine) -> None:
    with writer.begin() as connection:
        appended = append(connection, an_event("key:0")).recorded
    (row,) = chained([(appended.at, an_event("key:0"))])
    with writer.connect() as connection:
        assert list(rows_of(connection)) == [row]


def test_a_ledger_that_holds_anything_is_not_filled(writer: Engine) -> None:
    with writer.begin() as connection:
        append(connection, an_event())
    with writer.begin() as connection, pytest.raises(Conflict, match="holds 1 rows"):
        fill(connection, some())


def test_what_is_there_is_not_written_twice(writer: Engine) -> None:
    with writer.begin() as connection:
        fill(connection, some(1))
    with pytest.raises(UniqueViolation, match="uq_event_key"), writer.begin() as connection:
        extend(connection, [some(1)[0][1]])
    with writer.connect() as connection:
        assert verify(rows_of(connection)).rows == 1

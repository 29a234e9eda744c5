"""Many events at once: the same chain, written by COPY instead of one by one.

For the past alone, generated or imported. Whatever happens is written by ledger/append.py.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import cast

import psycopg2.extensions
from sqlalchemy import Connection

from hummingbird.core.canonical import canonical_json
from hummingbird.core.errors import Conflict
from hummingbird.core.event import DeliveryEvent
from hummingbird.ledger.append import database_now, take_pen
from hummingbird.ledger.chain import GENESIS, link
from hummingbird.ledger.envelope import envelope_of
from hummingbird.ledger.schema import SCHEMA
from hummingbird.ledger.schema import event as table
from hummingbird.ledger.witness import Head, head_of

ROWS_AT_ONCE = 2_000
"""A statement may take 30 s; so many rows take about one."""
_TOLD = [name for name in DeliveryEvent.model_fields if name != "data"]
"""Columns that repeat what the envelope tells."""
_COLUMNS = [column.name for column in table.columns]
_COPY = f"COPY {SCHEMA}.event ({', '.join(_COLUMNS)}) FROM STDIN"
_ESCAPED = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
"""What COPY's text format writes for characters that it needs itself; the backslash first."""

Moments = Iterable[tuple[datetime, DeliveryEvent]]
"""Events and when they happened, oldest first."""


def chained(moments: Moments, after: Head | None = None) -> Iterator[dict[str, object]]:
    """The rows of a chain that goes on after a head, or of a new one, as `ledger export` writes them."""
    sequence, head = (after.sequence, after.hash) if after else (0, GENESIS)
    for at, event in moments:
        sequence += 1
        envelope = envelope_of(event, sequence, at)
        written = canonical_json(envelope).decode("utf-8")
        previous, head = head, link(head, written)
        told = envelope["customData"]["event"]
        yield {
            **{name: told[name] for name in _TOLD},
            "sequence": sequence,
            "at": envelope["context"]["timestamp"],
            "envelope": written,
            "previous_hash": previous,
            "hash": head,
        }


def fill(connection: Connection, moments: Moments) -> Head:
    """Write all of it in the connection's transaction; Conflict unless the ledger is empty."""
    take_pen(connection)
    found = head_of(connection)
    if found.sequence:
        raise Conflict(
            f"the ledger holds {found.sequence} rows: generated history goes into an empty one, never beside "
            "what happened; name another database"
        )
    _write(connection, chained(moments))
    return head_of(connection)


def go_on(connection: Connection, moments: Moments) -> None:
    """Write what happened later at the end of a chain, in the connection's transaction."""
    take_pen(connection)
    _write(connection, chained(moments, head_of(connection)))


def extend(connection: Connection, events: Sequence[DeliveryEvent]) -> None:
    """Write events that are new for sure, now, at the end of the chain, in the connection's transaction."""
    take_pen(connection)
    now = database_now(connection)
    go_on(connection, ((now, event) for event in events))


def _write(connection: Connection, rows: Iterator[dict[str, object]]) -> None:
    driver = cast("psycopg2.extensions.connection", connection.connection.dbapi_connection)
    with driver.cursor() as cursor:
        while chunk := list(islice(rows, ROWS_AT_ONCE)):
            cursor.copy_expert(_COPY, io.StringIO("".join(_line(row) for row in chunk)))


def _line(row: dict[str, object]) -> str:
    return "\t".join(_cell(row[name]) for name in _COLUMNS) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    for meant, written in _ESCAPED:
        text = text.replace(meant, written)
    return text

"""Does the chain hold? Named is the first row that does not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from hummingbird.core.event import DeliveryEvent
from hummingbird.ledger.chain import GENESIS, link
from hummingbird.ledger.envelope import timestamp
from hummingbird.ledger.schema import event as table

_COLUMNS = (
    "key",
    "kind",
    "subject",
    "story",
    "bundle",
    "component",
    "environment",
    "cluster",
    "run",
    "actor",
)


@dataclass(frozen=True)
class Finding:
    """The result of a check: how many rows hold, the head of the chain, and the first thing wrong."""

    rows: int
    head: str
    wrong: str | None


def rows_of(connection: Connection) -> Iterator[dict[str, Any]]:
    """All rows in order, streamed."""
    query = select(table).order_by(table.c.sequence).execution_options(yield_per=500)
    for row in connection.execute(query):
        yield dict(row._mapping) | {"at": timestamp(row.at)}


def verify(rows: Iterable[dict[str, Any]], checkpoint: tuple[int, str] | None = None) -> Finding:
    """Walk the chain; a checkpoint (sequence, hash) kept elsewhere also shows a tail that was cut off."""
    count, head = 0, GENESIS
    met = checkpoint is None
    for row in rows:
        wrong = _wrong(row, count + 1, head)
        if wrong is None and checkpoint is not None and row["sequence"] == checkpoint[0]:
            met = row["hash"] == checkpoint[1]
            wrong = None if met else f"its hash is not the checkpoint's {checkpoint[1][:12]}"
        if wrong is not None:
            return Finding(count, head, f"row {row['sequence']}: {wrong}")
        count, head = count + 1, row["hash"]
    if not met and checkpoint is not None:
        return Finding(
            count, head, f"row {checkpoint[0]}: missing; the ledger ends at {count} before the checkpoint"
        )
    return Finding(count, head, None)


def _wrong(row: dict[str, Any], expected: int, head: str) -> str | None:
    if row["sequence"] != expected:
        return f"a gap before it: row {expected} is missing"
    if row["previous_hash"] != head:
        return "it does not name the hash of the row before it"
    if row["hash"] != link(row["previous_hash"], row["envelope"]):
        return "its hash is not the hash of its content"
    return _disagreement(row)


def _disagreement(row: dict[str, Any]) -> str | None:
    try:
        envelope = json.loads(row["envelope"])
        event = DeliveryEvent.model_validate(envelope["customData"]["event"])
        told = (envelope["customData"]["sequence"], envelope["context"]["timestamp"])
    except (ValueError, KeyError, TypeError):
        return "its envelope is not a delivery event"
    if told != (row["sequence"], row.get("at")):
        return "its number or time is not the one in its envelope"
    document = event.document()
    differing = [name for name in _COLUMNS if row.get(name) != document[name]]
    return f"its column {differing[0]} is not what its envelope says" if differing else None

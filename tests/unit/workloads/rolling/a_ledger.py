"""A ledger for tests of figures: events at chosen moments, and what the rollup makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import psycopg2

from hummingbird.core.canonical import canonical_json, sha256_hex
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.core.metric import Rates, RollupReport
from hummingbird.ledger.append import row_of
from hummingbird.ledger.chain import GENESIS, link
from hummingbird.ledger.envelope import envelope_of
from hummingbird.workloads.rolling.roll_up import Mode, Rollup, roll_up
from postgres import LedgerDatabase

SHANGHAI = ZoneInfo("Asia/Shanghai")
COMPONENTS = ("order-gateway", "quote-service")


def at(told: str) -> datetime:
    """`2026-03-02 09:30` by the clock in Shanghai."""
    return datetime.fromisoformat(told).replace(tzinfo=SHANGHAI)


def sha(name: str) -> str:
    """A hash that stands for a name."""
    return sha256_hex(name.encode())


class Unchecked:
    """Publishes whatever is made: for tests about what is made."""

    def facts(self, engine: duckdb.DuckDBPyConnection, last: datetime | None) -> str | None:
        return None

    def figures(self, engine: duckdb.DuckDBPyConnection) -> str | None:
        return None


@dataclass
class ALedger:
    """Writes rows with their moments, straight into the table, and rolls up."""

    database: LedgerDatabase
    scratch: Path
    rates: Rates = field(default_factory=lambda: Rates(hourly_rate=100, compute_hourly_rate=36))
    _head: str = GENESIS
    _height: int = 0
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, when: datetime | str, kind: EventKind, key: str, **fields: Any) -> int:
        """One event; its sequence."""
        moment = at(when) if isinstance(when, str) else when
        event = DeliveryEvent(kind=kind, key=key, **{"subject": key, "actor": "platform", **fields})
        self._height += 1
        envelope = envelope_of(event, self._height, moment)
        written = canonical_json(envelope).decode()
        hashed = link(self._head, written)
        recorded = RecordedEvent(
            sequence=self._height,
            at=moment,
            event=event,
            envelope=envelope,
            previous_hash=self._head,
            hash=hashed,
        )
        self._rows.append({**row_of(recorded), "envelope": written})
        self._head = hashed
        return self._height

    def written(self) -> None:
        """What was told is in the database."""
        if not self._rows:
            return
        names = list(self._rows[0])
        marks = ", ".join(f"%({name})s" for name in names)
        with psycopg2.connect(self.database.owner) as connection, connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO ledger.event ({', '.join(names)}) VALUES ({marks})", self._rows)
        connection.close()
        self._rows.clear()

    def roll(self, mode: Mode = "incremental", validator: Any = None) -> RollupReport:
        """Roll up what was told."""
        self.written()
        asked = Rollup(mode=mode, rates=self.rates, production="prod", run="metric_rollup/test")
        return roll_up(self.database.metrics, asked, validator or Unchecked(), self.scratch)

    def figures(self, metric: str, component: str = "", period: str = "month") -> dict[str, Any]:
        """First day → (value, n) of what is published."""
        query = (
            "SELECT starts::text, value, n FROM metrics.figure "
            "WHERE metric = %s AND component = %s AND period = %s ORDER BY starts"
        )
        return {row[0]: (row[1], row[2]) for row in self.rows(query, (metric, component, period))}

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """A query's rows, read as the reader."""
        with psycopg2.connect(self.database.reader) as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            found = cursor.fetchall()
        connection.close()
        return found

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All facts and figures, without the numbers of rows and publications."""
        return {
            "fact": self.rows(
                "SELECT kind, key, component, together, environment, at, day, value, story, bundle, run, "
                "sequence, detail::text, origin FROM metrics.fact ORDER BY kind, key"
            ),
            "figure": self.rows(
                "SELECT metric, component, period, starts, value, p50, p85, n, numerator, denominator "
                "FROM metrics.figure ORDER BY 1, 2, 3, 4"
            ),
        }

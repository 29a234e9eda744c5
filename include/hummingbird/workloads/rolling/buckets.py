"""Which figures an increment makes anew, and the kept facts that they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
from psycopg2.extensions import connection as PgConnection  # noqa: N812 - a class, named like a function

from hummingbird.core.metric import Form
from hummingbird.metrics.registry import METRICS
from hummingbird.workloads.rolling.engine import csv_of

Engine = duckdb.DuckDBPyConnection

# Each by the primary key, of the components that have any: the whole past is many times as long.
_UNDER_WAY = """
WITH RECURSIVE named (metric, component) AS (
    SELECT metric, (SELECT min(component) FROM metrics.figure AS f WHERE f.metric = asked.metric)
    FROM unnest(%(metrics)s) AS asked (metric)
    UNION ALL
    SELECT metric, (SELECT min(component) FROM metrics.figure AS f
        WHERE f.metric = named.metric AND f.component > named.component)
    FROM named WHERE component IS NOT NULL
), long (period, length, days) AS (
    VALUES ('day', interval '1 day', 1), ('week', interval '7 days', 7),
        ('month', interval '1 month', 31), ('quarter', interval '3 months', 92)
)
SELECT f.metric, f.component, f.period, f.starts FROM named CROSS JOIN long
JOIN LATERAL (
    SELECT metric, component, period, starts FROM metrics.figure AS f
    WHERE f.metric = named.metric AND f.component = named.component AND f.period = long.period
        AND f.starts > %(day)s::date - long.days AND f.starts + long.length > %(day)s::date + 1
    -- Keeps PostgreSQL from joining the whole table instead.
    OFFSET 0
) AS f ON true
"""


def open_buckets(engine: Engine, connection: PgConnection, scratch: Path, before: date, now: date) -> None:
    """Table `bucket`: the figures to make anew; `wanted`: the groups of facts that they need."""
    _copy_out(
        engine,
        connection,
        scratch,
        "SELECT DISTINCT kind, component, together, day FROM touched",
        "touched",
        {"kind": "VARCHAR", "component": "VARCHAR", "together": "BOOLEAN", "day": "DATE"},
    )
    rates = [m.name for m in METRICS.values() if m.form in (Form.PER_DAY, Form.PER_TRADING_DAY)]
    under_way = "SELECT NULL, NULL, NULL, NULL WHERE false"
    if before != now:
        with connection.cursor() as cursor:
            # Rates of periods that were not over, or were made up to another day.
            under_way = cursor.mogrify(_UNDER_WAY, {"metrics": rates, "day": min(before, now)}).decode()
    columns = {"metric": "VARCHAR", "component": "VARCHAR", "period": "VARCHAR", "starts": "DATE"}
    _copy_out(engine, connection, scratch, under_way, "under_way", columns)
    engine.execute(
        """
        CREATE OR REPLACE TABLE bucket AS
        SELECT DISTINCT metric, component, period, start_of(period, day) AS starts FROM (
            SELECT kind, component, day FROM touched WHERE component IS NOT NULL
            UNION SELECT kind, '', day FROM touched WHERE together OR kind IN (
                SELECT kind FROM part_of WHERE form = 'stock')
        ) JOIN part_of USING (kind) CROSS JOIN period
        UNION SELECT * FROM under_way;
        CREATE OR REPLACE TABLE wanted AS
        SELECT DISTINCT kind, component, period, starts FROM bucket JOIN part_of USING (metric);
        """
    )


def load_facts(engine: Engine, connection: PgConnection, scratch: Path) -> None:
    """Table `f` for make_figures: the kept facts that `wanted` needs."""
    spans = engine.execute(
        "SELECT DISTINCT kind, starts, after(period, starts) FROM wanted WHERE period IN ('quarter', 'week') "
        "ORDER BY ALL"
    ).fetchall()
    where = [
        f"(kind = '{kind}' AND day >= date '{first}' AND day < date '{end}')"
        for kind, first, end in _joined(spans)
    ]
    _copy_out(
        engine,
        connection,
        scratch,
        "SELECT kind, component, together, at, day, value, sequence, detail->>'part' FROM metrics.fact "
        f"WHERE {' OR '.join(where) or 'false'}",
        "f",
        {
            "kind": "VARCHAR",
            "component": "VARCHAR",
            "together": "BOOLEAN",
            "stamp": "TIMESTAMPTZ",
            "day": "DATE",
            "value": "DOUBLE",
            "sequence": "BIGINT",
            "part": "VARCHAR",
        },
    )


def _joined(spans: Sequence[tuple[str, date, date]]) -> list[tuple[str, date, date]]:
    """Spans of days in order, those of one kind that touch as one."""
    joined: list[tuple[str, date, date]] = []
    for kind, first, end in spans:
        if joined and joined[-1][0] == kind and first <= joined[-1][2]:
            joined[-1] = (kind, joined[-1][1], max(end, joined[-1][2]))
        else:
            joined.append((kind, first, end))
    return joined


def _copy_out(
    engine: Engine,
    connection: PgConnection,
    scratch: Path,
    query: str,
    table: str,
    columns: Mapping[str, str],
) -> None:
    path = scratch / "out.csv"
    with path.open("wb") as file, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv, NULL '\\N')", file)
    engine.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {csv_of([path], columns)}")
    path.unlink()

"""The figures by one hand-written DuckDB program: what the rollup is measured against.

It reads the same rows from PostgreSQL by COPY, keeps nothing, checks nothing and knows no day but all
of them. Written from the definitions, not from the rollup's code; equal results are asserted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import psycopg2

from bench.figures_sql import FACTS, FIGURES, ROWS

Figures = dict[tuple[str, str, str, date], tuple[float | None, float | None, int]]
"""Metric, component, period and first day → value, p85 and number of facts."""

_KINDS = (
    "dev.cdeventsx.hummingbird-run.admitted.0.1.0",
    "dev.cdeventsx.hummingbird-scan.finished.0.1.0",
    "dev.cdevents.artifact.packaged.0.3.0",
    "dev.cdevents.testsuiterun.finished.0.3.0",
    "dev.cdeventsx.hummingbird-bundle.sealed.0.1.0",
    "dev.cdeventsx.hummingbird-approval.created.0.1.0",
    "dev.cdeventsx.hummingbird-approval.closed.0.1.0",
    "dev.cdevents.service.deployed.0.3.0",
    "dev.cdevents.service.rolledback.0.3.0",
    "dev.cdeventsx.hummingbird-deployment.failed.0.1.0",
    "dev.cdevents.ticket.closed.0.2.0",
    "dev.cdeventsx.hummingbird-metrics.observed.0.1.0",
    "dev.cdeventsx.hummingbird-regression.finished.0.1.0",
)


@dataclass(frozen=True)
class Source:
    """Where the ledger is, and what else figures are made by."""

    dsn: str
    hourly: float
    compute_hourly: float
    trading: list[date]


def figures_by_hand(source: Source, scratch: Path) -> Figures:
    """Every figure of the ledger as it is."""
    path = scratch / "rows.csv"
    connection = psycopg2.connect(source.dsn)
    try:
        with connection.cursor() as cursor, path.open("wb") as file:
            kinds = ", ".join(f"'{kind}'" for kind in _KINDS)
            cursor.copy_expert(
                "COPY (SELECT sequence, at, kind, subject, story, bundle, component, environment, run, "
                f"envelope FROM ledger.event WHERE kind IN ({kinds})) TO STDOUT (FORMAT csv, NULL '\\N')",
                file,
            )
            cursor.execute("SELECT at FROM ledger.event ORDER BY sequence DESC LIMIT 1")
            (last,) = cursor.fetchone() or (None,)
    finally:
        connection.close()
    engine = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(scratch / "by-hand")})
    try:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute("SET VARIABLE hourly = $1::DOUBLE", [source.hourly])
        engine.execute("SET VARIABLE compute = $1::DOUBLE", [source.compute_hourly])
        engine.execute("SET VARIABLE last = $1::TIMESTAMPTZ", [last])
        engine.execute("CREATE TABLE trading AS SELECT unnest($1::DATE[]) AS day", [source.trading])
        engine.execute(ROWS.format(path=path))
        engine.execute(FACTS)
        found = engine.execute(FIGURES).fetchall()
    finally:
        engine.close()
        path.unlink()
    return {(row[0], row[1], row[2], row[3]): (row[4], row[5], row[6]) for row in found}

"""Ledger → facts: all of them, or those that the rows since the last publication make or change."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
from psycopg2 import sql

from hummingbird.core.event import EventKind
from hummingbird.core.metric import Rates
from hummingbird.workloads.rolling.engine import csv_of
from hummingbird.workloads.rolling.facts import (
    MADE,
    approvals,
    changes,
    cycles,
    imported,
    observed,
    parts,
    regressions,
    scans,
    stories,
)
from hummingbird.workloads.rolling.ledger_rows import OF_A_BUNDLE, OF_A_STORY, LedgerRows

Engine = duckdb.DuckDBPyConnection

OF_A_COMPONENT = ("change", "rework", "deployment", "recovery")
"""Facts that one more deployment of a component, or an incident, may change."""
OF_A_DELIVERED_STORY = ("cost", "value", "cases_automated", "cases_catalogued")
"""Facts that one more observation of a story may change."""

# What was judged of them, so that alone what is judged otherwise now becomes facts again.
_HELD = """
INSERT INTO held BY NAME
SELECT bundle, component, value = 1 AS failed, timezone('UTC', recovery.stamp) AS overcome_at
FROM recalled LEFT JOIN (SELECT key, stamp FROM recalled WHERE kind = 'recovery') AS recovery USING (key)
WHERE kind = 'change' AND NOT EXISTS (
    SELECT 1 FROM changed WHERE changed.bundle = recalled.bundle AND changed.component = recalled.component);
"""
_RECALLED_CHANGES = """
INSERT INTO changed BY NAME
SELECT bundle, component, sequence, timezone('UTC', stamp) AS stamp, story, run, origin,
    moment(detail->>'$.served_at') AS served_at, CAST(detail->>'$.served_by' AS BIGINT) AS served_by,
    moment(detail->>'$.fell_since') AS fell_since, moment(detail->>'$.fell_until') AS fell_until,
    moment(detail->>'$.broke_at') AS broke_at, moment(detail->>'$.undone_at') AS undone_at,
    CAST(detail->>'$.hotfix' AS BOOLEAN) AS hotfix, CAST(detail->'$.stories' AS VARCHAR[]) AS stories
FROM recalled WHERE kind = 'change' AND NOT EXISTS (
    SELECT 1 FROM changed WHERE changed.bundle = recalled.bundle AND changed.component = recalled.component);
"""
_RECALLED_TROUBLE = """
INSERT INTO trouble BY NAME
SELECT key AS incident, component, detail->>'$.caused_by' AS caused_by, timezone('UTC', stamp) AS stamp,
    moment(detail->>'$.resolved_at') AS resolved_at
FROM recalled WHERE kind = 'incident' AND NOT EXISTS (
    SELECT 1 FROM trouble WHERE trouble.incident = recalled.key);
"""
_RECALLED_TYPES = {
    "kind": "VARCHAR",
    "key": "VARCHAR",
    "component": "VARCHAR",
    "stamp": "TIMESTAMPTZ",
    "value": "DOUBLE",
    "story": "VARCHAR",
    "bundle": "VARCHAR",
    "run": "VARCHAR",
    "sequence": "BIGINT",
    "detail": "JSON",
    "origin": "VARCHAR",
}


def all_facts(engine: Engine, rows: LedgerRows, rates: Rates, production: str) -> None:
    """Read the whole ledger into `event` and make every fact of it, in `made`."""
    rows.after(0)
    rows.open(engine)
    _make(engine, rates, production, lambda: None)


def facts_since(engine: Engine, rows: LedgerRows, rates: Rates, production: str, height: int) -> None:
    """The same for the rows after `height` and what they need of those before; `scope`: what is made anew."""
    _read_with_context(engine, rows, height)
    _make(engine, rates, production, lambda: _recall(engine, rows))
    engine.execute(
        "CREATE TABLE scope AS SELECT concat_ws(':', bundle, component) AS key, NULL AS story FROM judged "
        "UNION ALL SELECT DISTINCT NULL, story FROM delivered"
    )


def _make(engine: Engine, rates: Rates, production: str, recall: Callable[[], None]) -> None:
    engine.execute("SET VARIABLE production = $1", [production])
    engine.execute("SET VARIABLE hourly_rate = $1::DOUBLE", [rates.hourly_rate])
    engine.execute("SET VARIABLE compute_hourly_rate = $1::DOUBLE", [rates.compute_hourly_rate])
    for script in (MADE, parts.SQL, cycles.SQL, scans.SQL, approvals.SQL, observed.SQL, changes.OWN):
        engine.execute(script)
    recall()
    for script in (changes.JUDGED, observed.MADE, stories.SQL, stories.MADE, regressions.SQL, imported.SQL):
        engine.execute(script)


def _read_with_context(engine: Engine, rows: LedgerRows, height: int) -> None:
    """New rows, and the earlier ones about the same bundles, stories, approvals and runs."""
    rows.after(height)
    rows.open(engine, "fresh")
    bundles = _values(engine, "SELECT DISTINCT bundle FROM fresh WHERE bundle IS NOT NULL")
    kinds = _quoted(OF_A_STORY)
    told = _values(engine, f"SELECT DISTINCT story FROM fresh WHERE kind IN ({kinds}) AND story IS NOT NULL")
    rows.before(height, OF_A_BUNDLE, "bundle", bundles)
    rows.before(height, OF_A_STORY, "story", told)
    rows.open(engine, "near")
    # A story is delivered by a bundle, and a bundle was sealed by a run.
    closing = f"SELECT DISTINCT bundle FROM near WHERE kind = '{EventKind.STORY_CLOSED.value}'"
    more = sorted(set(_values(engine, f"{closing} AND bundle IS NOT NULL")) - set(bundles))
    rows.before(height, [EventKind.BUNDLE_SEALED], "bundle", more)
    rows.open(engine, "sealed")
    runs = _values(
        engine,
        "SELECT DISTINCT run FROM (SELECT run, kind FROM fresh UNION ALL SELECT run, kind FROM near "
        f"UNION ALL SELECT run, kind FROM sealed) WHERE kind IN ('{EventKind.SCAN_FINISHED.value}', "
        f"'{EventKind.BUNDLE_SEALED.value}') AND run IS NOT NULL",
    )
    rows.before(height, [EventKind.RUN_ADMITTED], "run", runs)
    rows.open(engine, "doors")
    engine.execute(
        "CREATE TABLE event AS SELECT * FROM (SELECT * FROM fresh UNION ALL BY NAME SELECT * FROM near "
        "UNION ALL BY NAME SELECT * FROM sealed UNION ALL BY NAME SELECT * FROM doors) "
        "QUALIFY row_number() OVER (PARTITION BY sequence) = 1"
    )


def _recall(engine: Engine, rows: LedgerRows) -> None:
    """Take the components' earlier deployments and incidents back from the facts that were kept.

    All of them: what is told late, such as an incident of long ago, may be about any. An incident that was
    told of another component before takes its blame from there.
    """
    components = _values(engine, "SELECT component FROM changed UNION SELECT component FROM trouble")
    incidents = _values(engine, "SELECT incident FROM trouble WHERE incident IS NOT NULL")
    path = rows.scratch / "recalled.csv"
    statement = sql.SQL(
        "COPY (SELECT kind, key, component, at, value, story, bundle, run, sequence, detail, origin "
        "FROM metrics.fact WHERE kind IN ('change', 'recovery', 'incident') AND origin <> 'imported' "
        "AND component = ANY ({}::text[] || ARRAY(SELECT component FROM metrics.fact "
        "WHERE kind = 'incident' AND key = ANY ({}::text[])))) TO STDOUT (FORMAT csv, NULL '\\N')"
    ).format(sql.Literal([name for name in components if name]), sql.Literal(incidents))
    with path.open("wb") as file, rows.connection.cursor() as cursor:
        cursor.copy_expert(statement, file)
    engine.execute(f"CREATE TABLE recalled AS SELECT * FROM {csv_of([path], _RECALLED_TYPES)}")
    path.unlink()
    engine.execute(_HELD)
    engine.execute(_RECALLED_CHANGES)
    engine.execute(_RECALLED_TROUBLE)


def _values(engine: Engine, query: str) -> list[str]:
    return [row[0] for row in engine.execute(query).fetchall()]


def _quoted(kinds: tuple[EventKind, ...]) -> str:
    return ", ".join(f"'{kind.value}'" for kind in kinds)

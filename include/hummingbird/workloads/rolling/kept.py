"""Facts and figures in PostgreSQL: all replaced, or only what differs; within the caller's transaction."""

from __future__ import annotations

from pathlib import Path

import duckdb
from psycopg2.extensions import connection as PgConnection  # noqa: N812 - a class, named like a function

from hummingbird.core.metric import FactKind
from hummingbird.workloads.rolling.collecting import OF_A_COMPONENT, OF_A_DELIVERED_STORY

Engine = duckdb.DuckDBPyConnection

FACT = (
    "kind, key, component, together, environment, at, day, value, story, bundle, run, sequence, "
    "detail, origin"
)
FIGURE = "metric, component, period, starts, value, p50, p85, n, numerator, denominator"
FIRST_COUNTS = (FactKind.LEAD_TIME, FactKind.COMMIT)
"""Facts about what happens once: an earlier one stays."""

_FACTS_OUT = """
SELECT kind, key, component, coalesce(together, true) AS together, environment,
    strftime(stamp, '%Y-%m-%dT%H:%M:%S.%fZ') AS stamp, day_of(stamp) AS day, value,
    story, bundle, run, sequence, coalesce(detail, '{}') AS detail, origin FROM made
-- In the order of the indexes: rows come in faster.
ORDER BY kind, key
"""
_EQUAL = " AND ".join(
    f"k.{name} IS NOT DISTINCT FROM n.{name}" for name in FACT.split(", ") if name not in ("kind", "key")
)
_SETTLE = f"""
DELETE FROM new_fact AS n USING metrics.fact AS k
WHERE k.kind = n.kind AND k.key = n.key AND n.kind IN ({{first}})
    AND (k.at, k.sequence) <= (n.at, n.sequence);
DELETE FROM new_fact AS n USING metrics.fact AS k WHERE k.kind = n.kind AND k.key = n.key AND {_EQUAL};
CREATE TEMP TABLE touched (kind text, component text, together boolean, day date) ON COMMIT DROP;
"""
_GONE = """
WITH gone AS (
    DELETE FROM metrics.fact AS k USING (
        SELECT k.id FROM metrics.fact AS k JOIN new_fact AS n ON n.kind = k.kind AND n.key = k.key
        UNION
        SELECT k.id FROM metrics.fact AS k WHERE k.kind = ANY (%(of_component)s)
            AND k.key = ANY (SELECT key FROM scope) AND k.origin <> 'imported'
            AND NOT EXISTS (SELECT 1 FROM made_key AS m WHERE m.kind = k.kind AND m.key = k.key)
        UNION
        SELECT k.id FROM metrics.fact AS k WHERE k.kind = ANY (%(of_story)s)
            AND k.story = ANY (SELECT story FROM scope) AND k.origin <> 'imported'
            AND NOT EXISTS (SELECT 1 FROM made_key AS m WHERE m.kind = k.kind AND m.key = k.key)
    ) AS old WHERE old.id = k.id RETURNING k.kind, k.component, k.together, k.day
)
INSERT INTO touched SELECT DISTINCT kind, component, together, day FROM gone
"""


def replace_facts(engine: Engine, connection: PgConnection, scratch: Path) -> None:
    """The facts are those of `made`, all of them."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM metrics.fact")
    _copy_in(engine, connection, scratch, _FACTS_OUT, f"metrics.fact ({FACT})")


def change_facts(engine: Engine, connection: PgConnection, scratch: Path) -> None:
    """Bring the facts of `made` and of its scope up to date; table `touched`: where something changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE new_fact ON COMMIT DROP AS SELECT {FACT} FROM metrics.fact WITH NO DATA; "
            "CREATE TEMP TABLE made_key (kind text, key text) ON COMMIT DROP; "
            "CREATE TEMP TABLE scope (key text, story text) ON COMMIT DROP"
        )
        _copy_in(engine, connection, scratch, _FACTS_OUT, f"new_fact ({FACT})")
        _copy_in(engine, connection, scratch, "SELECT key, story FROM scope", "scope")
        cursor.execute("INSERT INTO made_key SELECT kind, key FROM new_fact; ANALYZE new_fact; ANALYZE scope")
        cursor.execute(_SETTLE.format(first=", ".join(f"'{kind.value}'" for kind in FIRST_COUNTS)))
        scopes = {"of_component": list(OF_A_COMPONENT), "of_story": list(OF_A_DELIVERED_STORY)}
        cursor.execute(_GONE, scopes)
        cursor.execute(f"INSERT INTO metrics.fact ({FACT}) SELECT {FACT} FROM new_fact")
        cursor.execute("INSERT INTO touched SELECT DISTINCT kind, component, together, day FROM new_fact")


def replace_figures(engine: Engine, connection: PgConnection, scratch: Path, publication: int) -> None:
    """The figures are those of `figure`, all of them."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM metrics.figure")
    _figures_in(engine, connection, scratch, publication, "metrics.figure")


def change_figures(engine: Engine, connection: PgConnection, scratch: Path, publication: int) -> None:
    """The figures of `bucket` are those of `figure`; the others stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bucket (metric text, component text, period text, starts date) ON COMMIT DROP"
        )
        _copy_in(engine, connection, scratch, "SELECT * FROM bucket", "bucket")
        cursor.execute(
            "ANALYZE bucket; DELETE FROM metrics.figure AS f USING bucket AS b WHERE f.metric = b.metric "
            "AND f.component = b.component AND f.period = b.period AND f.starts = b.starts"
        )
    _figures_in(engine, connection, scratch, publication, "metrics.figure")


def _figures_in(engine: Engine, connection: PgConnection, scratch: Path, number: int, table: str) -> None:
    query = f"SELECT {FIGURE}, {int(number)} AS publication FROM figure ORDER BY ALL"
    _copy_in(engine, connection, scratch, query, f"{table} ({FIGURE}, publication)")


def _copy_in(engine: Engine, connection: PgConnection, scratch: Path, query: str, table: str) -> None:
    path = scratch / "in.csv"
    engine.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER false, DELIMITER ',', NULLSTR '\\N')")
    with path.open("rb") as file, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv, NULL '\\N')", file)
    path.unlink()

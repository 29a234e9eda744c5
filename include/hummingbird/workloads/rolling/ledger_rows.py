"""The ledger's rows that figures are made of, from PostgreSQL into DuckDB by COPY, opened once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from psycopg2 import sql
from psycopg2.extensions import connection as PgConnection  # noqa: N812 - a class, named like a function

from hummingbird.core.event import EventKind
from hummingbird.workloads.rolling.engine import csv_of

DEPLOYMENTS = (
    EventKind.DEPLOYMENT_FINISHED,
    EventKind.DEPLOYMENT_ROLLED_BACK,
    EventKind.DEPLOYMENT_FAILED,
)
OF_A_BUNDLE = (
    EventKind.BUNDLE_SEALED,
    *DEPLOYMENTS,
    EventKind.APPROVAL_ASKED,
    EventKind.APPROVAL_CLOSED,
    EventKind.STORY_CLOSED,
    EventKind.METRICS_OBSERVED,
)
"""What facts about a bundle are made of."""
OF_A_STORY = (
    EventKind.STORY_CLOSED,
    EventKind.METRICS_OBSERVED,
    EventKind.SCAN_FINISHED,
    EventKind.BUILD_FINISHED,
    EventKind.SUITE_FINISHED,
)
"""What facts about a story are made of."""
READ = tuple(
    dict.fromkeys((*OF_A_BUNDLE, *OF_A_STORY, EventKind.REGRESSION_FINISHED, EventKind.HISTORY_IMPORTED))
)

_COLUMNS = "sequence, at, kind, subject, story, bundle, component, environment, run, actor"
_TELLING = (
    EventKind.SCAN_FINISHED,
    *DEPLOYMENTS,
    EventKind.BUILD_FINISHED,
    EventKind.SUITE_FINISHED,
    EventKind.APPROVAL_CLOSED,
)
_WHOLE = (EventKind.METRICS_OBSERVED, EventKind.REGRESSION_FINISHED, EventKind.HISTORY_IMPORTED)
# Of these only the place in time counts, so their documents stay where they are.
_BARE = (EventKind.APPROVAL_ASKED, EventKind.STORY_CLOSED)
# Runs that scan tell when they were admitted; runs that may seal a bundle tell their branches.
_RUNS = "(kind = {admitted} AND (run LIKE 'scan/%%' OR (environment IS NOT NULL AND bundle IS NULL)))"

_OPENED = """
CREATE TABLE event AS
SELECT
    r.* EXCLUDE (envelope, actor, stamp),
    timezone('UTC', r.stamp) AS stamp,
    starts_with(actor, 'synthetic:') AS synthetic,
    CASE WHEN kind IN ({documents}) THEN json_extract_string(envelope, [
        '$.customData.event.data.report.seconds',
        '$.customData.event.data.report.mode',
        '$.customData.event.data.report.outcome',
        '$.customData.event.data.report.started_at',
        '$.customData.event.data.report.finished_at',
        '$.customData.event.data.build.pipeline_seconds',
        '$.customData.event.data.state'
    ]) END AS told,
    CASE WHEN kind = '{sealed}'
        THEN json_extract_string(envelope, '$.customData.event.data.bundle.components[*].name')
        WHEN kind = '{admitted}' AND envelope IS NOT NULL
        THEN json_extract_string(envelope, '$.customData.event.data.plan.components[*].name')
    END AS names,
    CASE WHEN kind = '{sealed}'
        THEN json_extract_string(envelope, '$.customData.event.data.bundle.components[*].stories')
        WHEN kind = '{admitted}' AND envelope IS NOT NULL
        THEN json_extract_string(envelope, '$.customData.event.data.plan.components[*].branch')
    END AS beside_names,
    CASE WHEN kind IN ({whole}) THEN json_extract(envelope, '$.customData.event.data') END AS data
FROM {source} AS r
"""


_TYPES = {
    "sequence": "BIGINT",
    "stamp": "TIMESTAMPTZ",
    **dict.fromkeys(
        ("kind", "subject", "story", "bundle", "component", "environment", "run", "actor", "envelope"),
        "VARCHAR",
    ),
}


@dataclass(frozen=True)
class Head:
    """Where the ledger ends: its last row, 0 and no hash for an empty one."""

    height: int
    hash: str


@dataclass
class LedgerRows:
    """Reads one snapshot of the ledger into files; opens them together."""

    connection: PgConnection
    scratch: Path
    set_aside: Sequence[int] = ()

    def __post_init__(self) -> None:
        self._files: list[Path] = []

    def head(self) -> Head:
        """The snapshot's last row."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT sequence, hash FROM ledger.event ORDER BY sequence DESC LIMIT 1")
            row = cursor.fetchone()
        return Head(int(row[0]), str(row[1])) if row else Head(0, "")

    def after(self, sequence: int) -> None:
        """Every row after one, of the kinds that count."""
        self._copy(
            sql.SQL("sequence > {} AND (kind IN ({}) OR " + _RUNS.format(admitted="{}") + ")").format(
                sql.Literal(sequence), _literals(READ), sql.Literal(EventKind.RUN_ADMITTED.value)
            )
        )

    def before(self, sequence: int, kinds: Sequence[EventKind], column: str, values: Sequence[str]) -> None:
        """Rows up to one, by what they are about: what the newer rows need to be understood."""
        if values:
            # The sum keeps PostgreSQL from reading the whole index of sequences beside the one of `column`.
            self._copy(
                sql.SQL("sequence + 0 <= {} AND kind IN ({}) AND {} = ANY({})").format(
                    sql.Literal(sequence), _literals(kinds), sql.Identifier(column), sql.Literal(list(values))
                )
            )

    def open(self, engine: duckdb.DuckDBPyConnection, table: str = "event") -> None:
        """All rows read so far, each once, as a table; the files are gone afterwards."""
        files = [path for path in self._files if path.stat().st_size]
        statement = _OPENED.format(
            documents=_quoted(_TELLING),
            whole=_quoted(_WHOLE),
            sealed=EventKind.BUNDLE_SEALED.value,
            admitted=EventKind.RUN_ADMITTED.value,
            source=csv_of(files or [self._empty()], _TYPES),
        )
        statement = statement.replace("CREATE TABLE event", f"CREATE OR REPLACE TABLE {table}")
        if len(files) > 1:
            statement += " QUALIFY row_number() OVER (PARTITION BY sequence) = 1"
        engine.execute(statement)
        for path in self._files:
            path.unlink()
        self._files.clear()

    def _copy(self, where: sql.Composable) -> None:
        statement = sql.SQL(
            "COPY (SELECT " + _COLUMNS + ", CASE WHEN kind IN ({}) OR run LIKE 'scan/%%' AND kind = {} "
            "THEN NULL ELSE envelope END FROM ledger.event WHERE sequence <> ALL ({}) AND {}) "
            "TO STDOUT (FORMAT csv, NULL '\\N')"
        ).format(
            _literals(_BARE),
            sql.Literal(EventKind.RUN_ADMITTED.value),
            sql.Literal(list(self.set_aside) or [0]),
            where,
        )
        path = self.scratch / f"ledger-{len(self._files)}.csv"
        with path.open("wb") as file, self.connection.cursor() as cursor:
            cursor.copy_expert(statement, file)
        self._files.append(path)

    def _empty(self) -> Path:
        path = self.scratch / "nothing.csv"
        path.touch()
        return path


def _literals(kinds: Sequence[EventKind]) -> sql.Composable:
    return sql.SQL(", ").join(sql.Literal(kind.value) for kind in kinds)


def _quoted(kinds: Sequence[EventKind]) -> str:
    return ", ".join(f"'{kind.value}'" for kind in kinds)

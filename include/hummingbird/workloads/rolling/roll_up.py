"""One rollup: read, make, validate, publish; all of it or nothing, and a publication says which."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

import duckdb
import psycopg2
from psycopg2.extensions import connection as PgConnection  # noqa: N812 - a class, named like a function

from hummingbird.core.canonical import content_hash
from hummingbird.core.errors import Retryable, Unreachable
from hummingbird.core.metric import FactKind, Rates, RollupReport
from hummingbird.metrics.registry import METRICS
from hummingbird.workloads.rolling import buckets, collecting, figures, kept
from hummingbird.workloads.rolling.engine import open_engine
from hummingbird.workloads.rolling.ledger_rows import Head, LedgerRows

Engine = duckdb.DuckDBPyConnection
Mode = Literal["incremental", "full"]

_LOCK = 0x68_62_72_6F_6C
"""Advisory lock: two rollups at once become one, and one that is tried again."""
_STATEMENT_SECONDS = 1800
_EAST = timedelta(hours=8)
_PUBLISHED = """
INSERT INTO metrics.publication
    (mode, state, why, height, head, first_day, last_day, synthetic, rules, run, seconds)
SELECT %(mode)s, %(state)s, %(why)s, %(height)s, %(head)s, (
        SELECT min(oldest.day) FROM unnest(%(kinds)s) AS named(kind), LATERAL (
            SELECT min(day) AS day FROM metrics.fact WHERE fact.kind = named.kind) AS oldest
    ), %(last_day)s, %(synthetic)s OR %(kept)s AND coalesce((
        SELECT synthetic FROM metrics.publication WHERE state = 'published' ORDER BY id DESC LIMIT 1
    ), false), %(rules)s, %(run)s, %(seconds)s
RETURNING id
"""
MADE_BY = 2
"""Raised when facts or figures are made in another way: the next rollup is a full one then."""


class Validator(Protocol):
    """Decides whether what was made may be shown; in production Great Expectations (validating.py)."""

    def facts(self, engine: Engine, last: datetime | None) -> str | None:
        """What is wrong with the facts in `made`, as a sentence that names the expectation; None: nothing."""

    def figures(self, engine: Engine) -> str | None:
        """What is wrong with the figures in `figure`."""


@dataclass(frozen=True)
class Rollup:
    """What is asked of a rollup."""

    mode: Mode
    rates: Rates
    production: str
    """Name of the environment that counts as production."""
    run: str

    @property
    def rules(self) -> str:
        """Names what figures are made by: by other rules all are made anew."""
        made_by = {
            "version": MADE_BY,
            "metrics": [metric.document() for metric in METRICS.values()],
            "rates": self.rates.document(),
            "production": self.production,
        }
        return content_hash(made_by)


@dataclass(frozen=True)
class _Before:
    """The last publication: figures are right up to its row."""

    height: int
    last_day: date
    rules: str


class _Withheld(Exception):
    """An expectation did not hold."""


def roll_up(dsn: str, asked: Rollup, validator: Validator, scratch: Path | None = None) -> RollupReport:
    """Bring facts and figures up to the ledger's head and publish them, or withhold and say why."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rollup-", dir=scratch) as folder, _connected(dsn) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
            locked = cursor.fetchone()
        if not locked or not locked[0]:
            raise Retryable("another rollup is at work on these metrics; this one can be tried again")
        connection.commit()
        rows = LedgerRows(connection, Path(folder), list(asked.rates.set_aside))
        before, head = _before(connection), rows.head()
        full = asked.mode == "full" or before is None or before.rules != asked.rules
        mode: Mode = "full" if full else "incremental"
        engine = open_engine(Path(folder))
        try:
            why, number = "", 0
            try:
                if before is None or full:
                    number = _full(engine, rows, asked, head, validator, began)
                else:
                    number = _incremental(engine, rows, asked, head, validator, before, began)
                connection.commit()
            except _Withheld as told:
                connection.rollback()
                why = str(told)
                number = _publish(connection, engine, asked, mode, head, began, why)
                connection.commit()
            return _report(connection, number, 0 if why else _made_anew(engine))
        finally:
            engine.close()


def _full(
    engine: Engine, rows: LedgerRows, asked: Rollup, head: Head, validator: Validator, began: float
) -> int:
    collecting.all_facts(engine, rows, asked.rates, asked.production)
    last = _last_moment(rows.connection, head)
    _require(validator.facts(engine, last))
    figures.prepare(engine)
    engine.execute(
        "CREATE VIEW f AS SELECT kind, component, coalesce(together, true) AS together, stamp, "
        "day_of(stamp) AS day, value, sequence, detail->>'$.part' AS part FROM made"
    )
    figures.make_figures(engine, _last_day(last), only_wanted=False)
    _require(validator.figures(engine))
    kept.replace_facts(engine, rows.connection, rows.scratch)
    number = _publish(rows.connection, engine, asked, "full", head, began, "")
    kept.replace_figures(engine, rows.connection, rows.scratch, number)
    return number


def _incremental(
    engine: Engine,
    rows: LedgerRows,
    asked: Rollup,
    head: Head,
    validator: Validator,
    before: _Before,
    began: float,
) -> int:
    collecting.facts_since(engine, rows, asked.rates, asked.production, before.height)
    last = _last_moment(rows.connection, head)
    _require(validator.facts(engine, last))
    figures.prepare(engine)
    kept.change_facts(engine, rows.connection, rows.scratch)
    buckets.open_buckets(engine, rows.connection, rows.scratch, before.last_day, _last_day(last))
    buckets.load_facts(engine, rows.connection, rows.scratch)
    figures.make_figures(engine, _last_day(last), only_wanted=True)
    _require(validator.figures(engine))
    number = _publish(rows.connection, engine, asked, "incremental", head, began, "")
    kept.change_figures(engine, rows.connection, rows.scratch, number)
    return number


def _require(why: str | None) -> None:
    if why is not None:
        raise _Withheld(why)


@contextmanager
def _connected(dsn: str) -> Iterator[PgConnection]:
    options = f"-c timezone=UTC -c lock_timeout=60000 -c statement_timeout={_STATEMENT_SECONDS * 1000}"
    try:
        connection = psycopg2.connect(dsn, options=options, application_name="hummingbird-rollup")
    except psycopg2.OperationalError as error:
        raise Unreachable(f"the ledger's database does not answer: {error}") from error
    try:
        connection.set_session(isolation_level="REPEATABLE READ")
        with connection.cursor() as cursor:
            # Between reading and writing the transaction is idle while the figures are made.
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
        connection.commit()
        yield connection
    finally:
        connection.close()


def _before(connection: PgConnection) -> _Before | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT height, last_day, rules FROM metrics.publication WHERE state = 'published' "
            "ORDER BY id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return _Before(int(row[0]), row[1], str(row[2])) if row and row[1] is not None else None


def _last_moment(connection: PgConnection, head: Head) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM ledger.event WHERE sequence = %s", (head.height,))
        row = cursor.fetchone()
    return row[0] if row else None


def _last_day(last: datetime | None) -> date:
    """The day in Shanghai of the ledger's last row: what is made of it does not depend on a clock."""
    return (last + _EAST).date() if last is not None else date(1970, 1, 1)


def _publish(
    connection: PgConnection, engine: Engine, asked: Rollup, mode: Mode, head: Head, began: float, why: str
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            _PUBLISHED,
            {
                "mode": mode,
                "state": "withheld" if why else "published",
                "why": why,
                "height": head.height,
                "head": head.hash,
                "last_day": _last_day(_last_moment(connection, head)) if head.height else None,
                "kinds": [kind.value for kind in FactKind],
                "synthetic": not why and _invented(engine),
                "kept": mode == "incremental" or bool(why),
                "rules": asked.rules,
                "run": asked.run,
                "seconds": round(time.monotonic() - began, 3),
            },
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _invented(engine: Engine) -> bool:
    """Whether a fact that was made now is of generated history."""
    found = engine.execute("SELECT count(*) > 0 FROM made WHERE origin = 'synthetic'").fetchone()
    return bool(found and found[0])


def _made_anew(engine: Engine) -> int:
    """How many figures were published now; told here, the database would read them all to count."""
    found = engine.execute("SELECT count(*) FROM figure").fetchone()
    return int(found[0]) if found else 0


def _report(connection: PgConnection, number: int, made_anew: int) -> RollupReport:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, mode, state, why, height, head, seconds FROM metrics.publication WHERE id = %s",
            (number,),
        )
        row = cursor.fetchone()
    connection.commit()
    assert row is not None
    names = ("publication", "mode", "state", "why", "height", "head", "seconds")
    return RollupReport.model_validate({**dict(zip(names, row, strict=True)), "figures": made_anew})

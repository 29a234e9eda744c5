"""Append-only by role and by trigger; migrations that can be repeated."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from hummingbird.__main__ import main
from hummingbird.ledger import metrics_schema
from hummingbird.ledger.append import append
from hummingbird.ledger.engine import connect, database_url
from hummingbird.ledger.migrate import head, migrate
from hummingbird.ledger.revision import NEEDED, require_schema
from hummingbird.ledger.roles import METRICS, READER, WRITER, Passwords
from hummingbird.ledger.schema import SCHEMA
from hummingbird.ledger.views import height
from postgres import LedgerDatabase, as_user
from unit.ledger.ledger_samples import an_event

CHANGES = [
    "UPDATE ledger.event SET actor = 'nobody'",
    "DELETE FROM ledger.event",
    "TRUNCATE ledger.event",
]


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize("role", [WRITER, READER, METRICS])
def test_no_role_of_the_platform_changes_a_row(
    writer: Engine, ledger_database: LedgerDatabase, statement: str, role: str
) -> None:
    with writer.begin() as connection:
        append(connection, an_event())
    engine = connect(as_user(ledger_database.owner, role), pool_size=1)
    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize("prelude", ["SELECT 1", "SET session_replication_role = replica"])
def test_even_the_administrator_is_stopped_by_the_trigger(
    writer: Engine, ledger_database: LedgerDatabase, statement: str, prelude: str
) -> None:
    with writer.begin() as connection:
        append(connection, an_event())
    engine = create_engine(database_url(ledger_database.owner))
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(prelude))
        connection.execute(text(statement))
    engine.dispose()


def test_the_reader_reads_events_and_neither_writes_nor_sees_tickets(
    writer: Engine, ledger_database: LedgerDatabase
) -> None:
    with writer.begin() as connection:
        append(connection, an_event())
    engine = connect(ledger_database.reader, pool_size=1)
    with engine.connect() as connection:
        assert height(connection) == 1
        require_schema(connection)
    for statement in ("SELECT * FROM ledger.ticket", "DELETE FROM ledger.job"):
        with pytest.raises(ProgrammingError, match="permission denied"), engine.connect() as connection:
            connection.execute(text(statement))
    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        append(connection, an_event("run:2"))
    engine.dispose()


def test_the_rollup_reads_events_and_writes_figures_alone(
    writer: Engine, ledger_database: LedgerDatabase
) -> None:
    with writer.begin() as connection:
        append(connection, an_event())
    engine = connect(ledger_database.metrics, pool_size=1)
    with engine.begin() as connection:
        assert height(connection) == 1
        require_schema(connection)
        connection.execute(text("DELETE FROM metrics.fact"))
    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        append(connection, an_event("run:2"))
    for statement in ("SELECT * FROM ledger.job", "CREATE TABLE metrics.mine (id int)"):
        with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("role", [WRITER, READER])
def test_nobody_else_writes_figures(ledger_database: LedgerDatabase, role: str) -> None:
    engine = connect(as_user(ledger_database.owner, role), pool_size=1)
    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        connection.execute(text("DELETE FROM metrics.figure"))
    engine.dispose()


def test_the_writer_owns_nothing_and_cannot_lift_the_protection(writer: Engine) -> None:
    for statement in (
        "ALTER TABLE ledger.event DISABLE TRIGGER ALL",
        "DROP TABLE ledger.event",
        "CREATE TABLE ledger.mine (id int)",
        "SET ROLE ledger_owner",
    ):
        with (
            pytest.raises(DBAPIError, match=r"must be owner|permission denied"),
            writer.begin() as connection,
        ):
            connection.execute(text(statement))


def test_a_row_with_a_wrong_hash_or_a_forked_chain_is_refused_by_the_database(writer: Engine) -> None:
    with writer.begin() as connection:
        append(connection, an_event("run:1"))
    forged = (
        "INSERT INTO ledger.event (sequence, at, key, kind, subject, actor, envelope, previous_hash, hash) "
        "VALUES (2, now(), 'k', 'k', 's', 'a', '{}', :previous, "
    )
    with pytest.raises(IntegrityError, match="ck_event_hash_holds"), writer.begin() as connection:
        connection.execute(text(forged + "'00')"), {"previous": "0" * 64})
    with pytest.raises(IntegrityError, match="uq_event_previous_hash"), writer.begin() as connection:
        connection.execute(
            text(forged + "encode(sha256(convert_to(:previous || '{}', 'UTF8')), 'hex'))"),
            {"previous": "0" * 64},
        )


def test_migrating_again_changes_nothing(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HB_LEDGER_WRITER_PASSWORD", 'it\'s "quoted"; --')
    assert main(["ledger", "migrate", "--dsn", empty_database]) == 0
    assert main(["ledger", "migrate", "--dsn", empty_database]) == 0
    assert main(["ledger", "roles", "--dsn", empty_database]) == 0
    assert capsys.readouterr().out.count(f"at revision {NEEDED}") == 3


def test_a_user_without_rights_is_told_so(
    ledger_database: LedgerDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "migrate", "--dsn", ledger_database.reader]) == 2
    assert "may not create the ledger's roles and schema" in capsys.readouterr().err


def test_the_schema_in_python_is_the_schema_in_the_database(empty_database: str) -> None:
    migrate(empty_database, Passwords())
    engine = create_engine(database_url(empty_database))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "version_table_schema": SCHEMA,
                "include_name": lambda name, kind, _: (
                    kind != "schema" or name in (SCHEMA, metrics_schema.SCHEMA)
                ),
            },
        )
        assert compare_metadata(context, metrics_schema.fact.metadata) == []
    engine.dispose()


def test_the_needed_revision_is_the_newest_script() -> None:
    assert head() == NEEDED

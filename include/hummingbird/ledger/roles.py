"""Who may do what in the database: one migrates, one appends, one measures, one reads."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg2 import sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from hummingbird.core.errors import Denied
from hummingbird.ledger import metrics_schema
from hummingbird.ledger.schema import SCHEMA

OWNER = "ledger_owner"
WRITER = "ledger_writer"
READER = "ledger_reader"
METRICS = "metrics_writer"
"""Reads events and makes figures of them; the pod of the rollup logs in as this."""


@dataclass(frozen=True)
class Passwords:
    """Passwords of the roles that log in; None leaves what is there."""

    writer: str | None = None
    reader: str | None = None
    metrics: str | None = None


def create_roles(connection: Connection, passwords: Passwords) -> None:
    """Make the roles and schemas where missing; Denied when this user may not."""
    present = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    try:
        for role in (OWNER, WRITER, READER, METRICS):
            if role not in present:
                login = "NOLOGIN" if role == OWNER else "LOGIN"
                connection.execute(text(f"CREATE ROLE {role} {login}"))
        named = ((WRITER, passwords.writer), (READER, passwords.reader), (METRICS, passwords.metrics))
        for role, password in named:
            if password is not None:
                _run(
                    connection,
                    sql.SQL("ALTER ROLE {} PASSWORD {}"),
                    sql.Identifier(role),
                    sql.Literal(password),
                )
        _become_owner_possible(connection)
        for schema in (SCHEMA, metrics_schema.SCHEMA):
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {OWNER}"))
        database = connection.execute(text("SELECT current_database()")).scalar_one()
        # Databases that are closed to PUBLIC, as they should be, need this.
        _run(
            connection,
            sql.SQL(f"GRANT CONNECT ON DATABASE {{}} TO {WRITER}, {READER}, {METRICS}"),
            sql.Identifier(database),
        )
        # What an increment changes is compared in tables of its own transaction.
        _run(connection, sql.SQL(f"GRANT TEMPORARY ON DATABASE {{}} TO {METRICS}"), sql.Identifier(database))
    except ProgrammingError as error:
        raise Denied(
            f"the database user of the DSN may not create the ledger's roles and schema: {error.orig}"
        ) from error


def grant(connection: Connection) -> None:
    """Give exactly the rights of each role, taking back all others; run as the owner."""
    figures = metrics_schema.SCHEMA
    statements = [
        statement
        for schema in (SCHEMA, figures)
        for statement in (
            f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {WRITER}, {READER}, {METRICS}",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {WRITER}, {READER}, {METRICS}",
        )
    ]
    statements += [
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {WRITER}, {READER}, {METRICS}",
        f"GRANT USAGE ON SCHEMA {figures} TO {READER}, {METRICS}",
        f"GRANT SELECT, INSERT ON {SCHEMA}.event TO {WRITER}",
        f"GRANT SELECT ON {SCHEMA}.alembic_version TO {WRITER}, {READER}, {METRICS}",
        f"GRANT SELECT, INSERT, UPDATE ON {SCHEMA}.job, {SCHEMA}.ticket, {SCHEMA}.warrant_use, "
        f"{SCHEMA}.outbox, {SCHEMA}.errand TO {WRITER}",
        f"GRANT SELECT, INSERT, UPDATE ON {SCHEMA}.night, {SCHEMA}.night_case TO {WRITER}",
        # Not the tickets: what opens a job is for the notary alone.
        f"GRANT SELECT ON {SCHEMA}.event, {SCHEMA}.job, {SCHEMA}.warrant_use, {SCHEMA}.outbox TO {READER}",
        # Kept by the database itself; nobody writes them.
        f"GRANT SELECT ON {SCHEMA}.story, {SCHEMA}.travel TO {WRITER}, {READER}",
        f"GRANT SELECT ON {SCHEMA}.night, {SCHEMA}.night_case TO {READER}",
        # Not the notary's working tables: figures are made of what was recorded, and of nothing else.
        f"GRANT SELECT ON {SCHEMA}.event TO {METRICS}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {figures} TO {READER}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {figures} TO {METRICS}",
    ]
    for statement in statements:
        connection.execute(text(statement))


def become_owner(connection: Connection) -> None:
    """Act as the owner until the transaction ends, so that the owner owns what is made."""
    connection.execute(text(f"SET LOCAL ROLE {OWNER}"))


def _become_owner_possible(connection: Connection) -> None:
    # PostgreSQL 16 parted membership from the right to SET ROLE.
    version = connection.execute(text("SHOW server_version_num")).scalar_one()
    right = "SET" if int(version) >= 160000 else "MEMBER"
    query = text("SELECT current_user, pg_has_role(current_user, :owner, :right)")
    user, possible = connection.execute(query, {"owner": OWNER, "right": right}).one()
    if not possible:
        _run(connection, sql.SQL("GRANT {} TO {}"), sql.Identifier(OWNER), sql.Identifier(user))


def _run(connection: Connection, statement: sql.SQL, *parts: sql.Composable) -> None:
    # Roles and passwords cannot be bound parameters in PostgreSQL; psycopg2 quotes them.
    quoted = statement.format(*parts).as_string(connection.connection.dbapi_connection)  # type: ignore[arg-type]
    connection.exec_driver_sql(quoted.replace("%", "%%"))

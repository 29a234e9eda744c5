"""Who may do what in the database: the owner migrates, the writer appends, the reader reads."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg2 import sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from hummingbird.core.errors import Denied
from hummingbird.ledger.schema import SCHEMA

OWNER = "ledger_owner"
WRITER = "ledger_writer"
READER = "ledger_reader"


@dataclass(frozen=True)
class Passwords:
    """Passwords of the roles that log in; None leaves what is there."""

    writer: str | None = None
    reader: str | None = None


def create_roles(connection: Connection, passwords: Passwords) -> None:
    """Make the three roles and the schema where missing; Denied when this user may not."""
    present = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    try:
        for role, login in ((OWNER, "NOLOGIN"), (WRITER, "LOGIN"), (READER, "LOGIN")):
            if role not in present:
                connection.execute(text(f"CREATE ROLE {role} {login}"))
        for role, password in ((WRITER, passwords.writer), (READER, passwords.reader)):
            if password is not None:
                _run(
                    connection,
                    sql.SQL("ALTER ROLE {} PASSWORD {}"),
                    sql.Identifier(role),
                    sql.Literal(password),
                )
        _become_owner_possible(connection)
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION {OWNER}"))
        database = connection.execute(text("SELECT current_database()")).scalar_one()
        # Databases that are closed to PUBLIC, as they should be, need this.
        _run(
            connection,
            sql.SQL(f"GRANT CONNECT ON DATABASE {{}} TO {WRITER}, {READER}"),
            sql.Identifier(database),
        )
    except ProgrammingError as error:
        raise Denied(
            f"the database user of the DSN may not create the ledger's roles and schema: {error.orig}"
        ) from error


def grant(connection: Connection) -> None:
    """Give exactly the rights of each role, taking back all others; run as the owner."""
    everything = f"ALL TABLES IN SCHEMA {SCHEMA}"
    statements = [
        f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC, {WRITER}, {READER}",
        f"REVOKE ALL ON {everything} FROM PUBLIC, {WRITER}, {READER}",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {WRITER}, {READER}",
        f"GRANT SELECT, INSERT ON {SCHEMA}.event TO {WRITER}",
        f"GRANT SELECT ON {SCHEMA}.alembic_version TO {WRITER}, {READER}",
        f"GRANT SELECT, INSERT, UPDATE ON {SCHEMA}.job, {SCHEMA}.ticket, {SCHEMA}.warrant_use, "
        f"{SCHEMA}.outbox TO {WRITER}",
        f"GRANT SELECT, INSERT, UPDATE ON {SCHEMA}.night, {SCHEMA}.night_case TO {WRITER}",
        # Not the tickets: what opens a job is for the notary alone.
        f"GRANT SELECT ON {SCHEMA}.event, {SCHEMA}.job, {SCHEMA}.warrant_use, {SCHEMA}.outbox TO {READER}",
        f"GRANT SELECT ON {SCHEMA}.night, {SCHEMA}.night_case TO {READER}",
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

"""Bring a database to the ledger's schema, roles and rights; again changes nothing."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from hummingbird.core.errors import Conflict, Unreachable
from hummingbird.ledger.engine import connect
from hummingbird.ledger.roles import Passwords, become_owner, create_roles, grant
from hummingbird.ledger.schema import SCHEMA

_LOCK = 0x68_62_6D_69_67
"""Advisory lock: two migrations at once become one after the other."""


def migrate(dsn: str, passwords: Passwords) -> str:
    """Migrate as the DSN's user, all or nothing; returns the revision that is there afterwards."""
    engine = connect(dsn, pool_size=1, name="hummingbird-migrate")
    try:
        with engine.begin() as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            create_roles(connection, passwords)
            become_owner(connection)
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            grant(connection)
            return revision(connection) or "none"
    except OperationalError as error:
        raise Unreachable(f"the ledger's database does not answer: {error.orig}") from error
    finally:
        engine.dispose()


def revision(connection: Connection) -> str | None:
    """The schema's revision in the database, None where there is no ledger."""
    context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
    return context.get_current_revision()


def head() -> str | None:
    """The revision this version of the platform needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def require_schema(connection: Connection) -> None:
    """Conflict, with the command that mends it, unless the database has the needed revision."""
    try:
        found = revision(connection)
    except ProgrammingError as error:
        raise Conflict(
            f"the ledger cannot be read: {error.orig}; run `hummingbird ledger migrate`"
        ) from error
    if found != head():
        raise Conflict(
            f"the ledger's schema is {found or 'missing'}, needed is {head()}; "
            "run `hummingbird ledger migrate --dsn <owner's DSN>`"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "hummingbird.ledger:migrations")
    config.set_main_option("path_separator", "os")
    return config

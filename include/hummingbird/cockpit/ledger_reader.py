"""The ledger as the pages reach it: by a role that may only read, in transactions that only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from hummingbird.core.errors import Denied, Unreachable
from hummingbird.ledger.engine import connect
from hummingbird.ledger.revision import require_schema

STATEMENT_SECONDS = 5
"""A page that takes longer is of no use; the database is for the notary first."""
_MAY_WRITE = text("SELECT has_table_privilege('ledger.event', 'INSERT')")
_PATIENCE = text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")


class LedgerReader:
    """Read-only transactions on a ledger; the first one looks whether role and schema are right."""

    def __init__(self, dsn: str) -> None:
        self._engine = connect(dsn, pool_size=4, name="hummingbird-cockpit").execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._looked = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; Unreachable when the database does not answer, Denied for a writer's role."""
        try:
            with self._engine.connect() as connection:
                connection.execute(_PATIENCE)
                if not self._looked:
                    require_schema(connection)
                    if connection.execute(_MAY_WRITE).scalar_one():
                        raise Denied(
                            "connection ledger_reader leads to a role that may write the ledger; "
                            "name the role ledger_reader there"
                        )
                    self._looked = True
                yield connection
        except OperationalError as error:
            said = " ".join(str(error.orig).split())
            raise Unreachable(f"the ledger's database does not answer: {said}") from error

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

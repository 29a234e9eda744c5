"""A stand-in's state in one SQLite file (WAL: what was committed survives a killed process)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = sqlite3.Row


class SqliteFile:
    """One connection, used from the event loop's thread only: a statement is never interleaved."""

    def __init__(self, path: Path, schema: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(schema)

    def run(self, statement: str, *values: Any) -> int:
        """Execute a statement; the id of the row it inserted."""
        return self._connection.execute(statement, values).lastrowid or 0

    def changed(self, statement: str, *values: Any) -> int:
        """Execute a statement; how many rows it touched."""
        return self._connection.execute(statement, values).rowcount

    def rows(self, query: str, *values: Any) -> list[Row]:
        """All rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def row(self, query: str, *values: Any) -> Row | None:
        """The first row of a query."""
        found: Row | None = self._connection.execute(query, values).fetchone()
        return found

    def number(self, query: str, *values: Any) -> int:
        """The single number a query yields."""
        found = self.row(query, *values)
        return int(found[0] or 0) if found else 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """All statements within or none; no `await` inside."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

"""Harbor's records in SQLite (WAL): what exists where. Content lies in files, by digest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS project (
  id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, owner TEXT NOT NULL, metadata TEXT NOT NULL,
  storage_limit INTEGER NOT NULL, created TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS repository (
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES project(id), name TEXT UNIQUE NOT NULL,
  pulls INTEGER NOT NULL DEFAULT 0, created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS artifact (
  id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL REFERENCES repository(id), digest TEXT NOT NULL,
  manifest_media_type TEXT NOT NULL, media_type TEXT NOT NULL, artifact_type TEXT NOT NULL,
  subject TEXT, annotations TEXT NOT NULL, size INTEGER NOT NULL, pushed TEXT NOT NULL, pulled TEXT,
  UNIQUE (repository_id, digest));
CREATE INDEX IF NOT EXISTS artifact_subject ON artifact (repository_id, subject);
CREATE TABLE IF NOT EXISTS child (
  parent_id INTEGER NOT NULL REFERENCES artifact(id) ON DELETE CASCADE, digest TEXT NOT NULL,
  platform TEXT NOT NULL, PRIMARY KEY (parent_id, digest));
CREATE TABLE IF NOT EXISTS tag (
  id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL REFERENCES repository(id),
  artifact_id INTEGER NOT NULL REFERENCES artifact(id) ON DELETE CASCADE, name TEXT NOT NULL,
  pushed TEXT NOT NULL, pulled TEXT, UNIQUE (repository_id, name));
CREATE TABLE IF NOT EXISTS blob_link (
  repository TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (repository, digest)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (id TEXT PRIMARY KEY, repository TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS label (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, color TEXT NOT NULL,
  scope TEXT NOT NULL, project_id INTEGER NOT NULL, created TEXT NOT NULL,
  UNIQUE (name, scope, project_id));
CREATE TABLE IF NOT EXISTS artifact_label (
  artifact_id INTEGER NOT NULL REFERENCES artifact(id) ON DELETE CASCADE,
  label_id INTEGER NOT NULL REFERENCES label(id) ON DELETE CASCADE, PRIMARY KEY (artifact_id, label_id));
CREATE TABLE IF NOT EXISTS immutable_rule (
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES project(id), body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS robot (
  id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, secret_hash TEXT NOT NULL, body TEXT NOT NULL,
  created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS scan (
  artifact_id INTEGER PRIMARY KEY REFERENCES artifact(id) ON DELETE CASCADE, report TEXT NOT NULL,
  started TEXT NOT NULL, ended TEXT NOT NULL);
"""

Row = sqlite3.Row


def now() -> str:
    """The present, as Harbor writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Database:
    """One connection, used from the event loop's thread only: a statement is never interleaved."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(_SCHEMA)

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

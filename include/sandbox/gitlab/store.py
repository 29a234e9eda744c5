"""The stand-in's memory: JSON documents in one SQLite file (WAL), so that kill -9 loses nothing committed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS record (
  kind TEXT NOT NULL, id INTEGER NOT NULL, project INTEGER NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (kind, id), UNIQUE (kind, project, key)
);
"""


class DuplicateError(Exception):
    """A record of that kind and key exists already."""


class Store:
    """Documents by kind, each with its id, its project (0 for none) and a key unique in the project."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file; a store is not usable afterwards."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes within are kept together or not at all; nests into an open one."""
        if self._database.in_transaction:
            yield
            return
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def next(self, name: str) -> int:
        """The next number of a counter, from 1; never given twice."""
        row = self._database.execute(
            "INSERT INTO counter VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (name,),
        ).fetchone()
        return int(row[0])

    def add(self, kind: str, body: Document, *, project: int = 0, key: str | None = None) -> Document:
        """Keep a new document and give it its `id`; DuplicateError when the key is taken."""
        with self.transaction():
            number = self.next(kind)
            document = {**body, "id": number}
            try:
                self._database.execute(
                    "INSERT INTO record VALUES (?, ?, ?, ?, ?)",
                    (kind, number, project, key if key is not None else str(number), _text(document)),
                )
            except sqlite3.IntegrityError as error:
                raise DuplicateError(f"{kind} {key} exists in project {project}") from error
        return document

    def put(self, kind: str, document: Document) -> None:
        """Replace a document by its `id`; its key stays."""
        self._database.execute(
            "UPDATE record SET body = ? WHERE kind = ? AND id = ?", (_text(document), kind, document["id"])
        )

    def get(self, kind: str, number: int) -> Document | None:
        """A document by id."""
        query = "SELECT body FROM record WHERE kind = ? AND id = ?"
        return self._one(query, (kind, number))

    def find(self, kind: str, key: str, *, project: int = 0) -> Document | None:
        """A document by its key within the project."""
        query = "SELECT body FROM record WHERE kind = ? AND project = ? AND key = ?"
        return self._one(query, (kind, project, key))

    def list(self, kind: str, *, project: int | None = None) -> list[Document]:
        """All documents of a kind, oldest first."""
        rows = self._database.execute(
            "SELECT body FROM record WHERE kind = ? AND (? IS NULL OR project = ?) ORDER BY id",
            (kind, project, project),
        )
        return [json.loads(row[0]) for row in rows]

    def remove(self, kind: str, number: int) -> None:
        """Forget a document; silent when there is none."""
        self._database.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, number))

    def _one(self, query: str, values: tuple[Any, ...]) -> Document | None:
        row = self._database.execute(query, values).fetchone()
        return json.loads(row[0]) if row else None


def _text(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))

"""A cluster's objects: in memory for reading, in SQLite (WAL) for keeping, with a history for watches.

One write is one transaction, so a kill -9 loses nothing that was answered. Objects that `read` and `list`
return are the stored ones and must not be changed; `edit` works on a copy.
"""

from __future__ import annotations

import copy
import json
import sqlite3
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.clusters import statuses
from sandbox.clusters.jsons import Json, now
from sandbox.clusters.resources import BY_PATH, STORED, Resource

HISTORY = 5000
"""Changes kept for watches; a watch from before the oldest is answered 410."""


@dataclass(frozen=True)
class Change:
    """One write: what happened to which object, at which revision, and what it was before."""

    revision: int
    kind: Resource
    action: str
    object: Json
    previous: Json | None


Listener = Callable[[Change], None]


class Store:
    """All objects of one cluster."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS objects (kind TEXT, namespace TEXT, name TEXT, body TEXT, "
            "PRIMARY KEY (kind, namespace, name))"
        )
        self._database.execute("CREATE TABLE IF NOT EXISTS revision (at INTEGER)")
        self._objects: dict[Resource, dict[tuple[str, str], Json]] = {each: {} for each in STORED}
        self._listeners: list[Listener] = []
        self._untold: deque[Change] = deque()
        self.history: deque[Change] = deque(maxlen=HISTORY)
        self._load()
        self.oldest = self.revision

    def _load(self) -> None:
        by_name = {each.qualified: each for each in BY_PATH.values()}
        for kind, namespace, name, body in self._database.execute("SELECT * FROM objects"):
            self._objects[by_name[kind]][(namespace, name)] = json.loads(body)
        row = self._database.execute("SELECT at FROM revision").fetchone()
        if row is None:
            self._database.execute("INSERT INTO revision VALUES (1)")
        self.revision: int = row[0] if row else 1

    def close(self) -> None:
        """Close the database; the store is not used after that."""
        self._database.close()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every write, in the writer's turn; returns the way to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def read(self, kind: Resource, namespace: str, name: str) -> Json | None:
        """One object, or None."""
        return self._objects[kind].get((namespace if kind.namespaced else "", name))

    def find(self, kind: Resource, namespace: str, name: str) -> Json:
        """One object; ApiError 404 when there is none."""
        found = self.read(kind, namespace, name)
        if found is None:
            raise statuses.not_found(kind, name)
        return found

    def list(self, kind: Resource, namespace: str | None = None) -> Iterator[Json]:
        """All objects of a kind, of one namespace or of all, by name."""
        for (where, _), each in sorted(self._objects[kind].items(), key=lambda item: item[0]):
            if namespace is None or where == namespace:
                yield each

    def create(self, kind: Resource, body: Json) -> Json:
        """Keep a new object; ApiError 409 when the name is taken. Sets uid, times and version."""
        meta = body["metadata"]
        key = (meta.get("namespace", ""), meta["name"])
        if key in self._objects[kind]:
            raise statuses.already_exists(kind, meta["name"])
        meta["uid"] = str(uuid.uuid4())
        meta["creationTimestamp"] = now()
        return self._write(kind, key, body, "ADDED", None)

    def replace(self, kind: Resource, body: Json) -> Json:
        """Keep a changed object; nothing is written when nothing but the version differs."""
        meta = body["metadata"]
        key = (meta.get("namespace", ""), meta["name"])
        previous = self._objects[kind].get(key)
        if previous is None:
            raise statuses.not_found(kind, meta["name"])
        meta["resourceVersion"] = previous["metadata"]["resourceVersion"]
        if body == previous:
            return previous
        return self._write(kind, key, body, "MODIFIED", previous)

    def edit(self, kind: Resource, namespace: str, name: str, change: Callable[[Json], None]) -> Json:
        """Apply a change to a copy of the object and keep it; ApiError 404 when there is none."""
        body = copy.deepcopy(self.find(kind, namespace, name))
        change(body)
        return self.replace(kind, body)

    def delete(self, kind: Resource, namespace: str, name: str) -> Json:
        """Remove an object and return its last state; ApiError 404 when there is none."""
        previous = self.find(kind, namespace, name)
        key = (namespace if kind.namespaced else "", name)
        del self._objects[kind][key]
        revision = self.revision + 1
        self._database.execute("BEGIN")
        with self._database:
            self._database.execute(
                "DELETE FROM objects WHERE kind=? AND namespace=? AND name=?", (kind.qualified, *key)
            )
            self._database.execute("UPDATE revision SET at=?", (revision,))
        gone = {**previous, "metadata": {**previous["metadata"], "resourceVersion": str(revision)}}
        self._announce(Change(revision, kind, "DELETED", gone, previous))
        return gone

    def _write(
        self, kind: Resource, key: tuple[str, str], body: Json, action: str, previous: Json | None
    ) -> Json:
        revision = self.revision + 1
        body["metadata"]["resourceVersion"] = str(revision)
        text = json.dumps(body, ensure_ascii=False)
        self._database.execute("BEGIN")
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", (kind.qualified, *key, text)
            )
            self._database.execute("UPDATE revision SET at=?", (revision,))
        self._objects[kind][key] = body
        self._announce(Change(revision, kind, action, body, previous))
        return body

    def _announce(self, change: Change) -> None:
        self.revision = change.revision
        if len(self.history) == HISTORY:
            self.oldest = self.history[0].revision
        self.history.append(change)
        self._untold.append(change)
        if len(self._untold) > 1:
            return  # a listener wrote: everyone hears of it after what is being told now
        while self._untold:
            for listener in list(self._listeners):
                listener(self._untold[0])
            self._untold.popleft()

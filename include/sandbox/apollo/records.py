"""Apollo's state in SQLite (WAL): apps, namespaces, items, releases, and what was announced."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sandbox.sqlite_file import SqliteFile

_SCHEMA = """
CREATE TABLE IF NOT EXISTS app (
  app_id TEXT PRIMARY KEY, name TEXT NOT NULL, org_id TEXT NOT NULL, org_name TEXT NOT NULL,
  owner_name TEXT NOT NULL, owner_email TEXT NOT NULL,
  created_by TEXT NOT NULL, created TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS namespace (
  id INTEGER PRIMARY KEY, env TEXT NOT NULL, app_id TEXT NOT NULL REFERENCES app(app_id),
  cluster TEXT NOT NULL, name TEXT NOT NULL, comment TEXT NOT NULL, format TEXT NOT NULL,
  is_public INTEGER NOT NULL, created_by TEXT NOT NULL, created TEXT NOT NULL,
  UNIQUE (env, app_id, cluster, name));
CREATE TABLE IF NOT EXISTS item (
  id INTEGER PRIMARY KEY, namespace_id INTEGER NOT NULL REFERENCES namespace(id), key TEXT NOT NULL,
  value TEXT NOT NULL, type INTEGER NOT NULL, comment TEXT NOT NULL, created_by TEXT NOT NULL,
  created TEXT NOT NULL, modified_by TEXT NOT NULL, modified TEXT NOT NULL, UNIQUE (namespace_id, key));
CREATE TABLE IF NOT EXISTS release (
  id INTEGER PRIMARY KEY AUTOINCREMENT, namespace_id INTEGER NOT NULL REFERENCES namespace(id),
  release_key TEXT UNIQUE NOT NULL, name TEXT NOT NULL, comment TEXT NOT NULL,
  configurations TEXT NOT NULL, abandoned INTEGER NOT NULL DEFAULT 0, created_by TEXT NOT NULL,
  created TEXT NOT NULL, modified_by TEXT NOT NULL, modified TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS history (
  id INTEGER PRIMARY KEY, namespace_id INTEGER NOT NULL REFERENCES namespace(id),
  release_id INTEGER NOT NULL, previous_release_id INTEGER NOT NULL, operation INTEGER NOT NULL,
  context TEXT NOT NULL, operator TEXT NOT NULL, created TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, env TEXT NOT NULL, watch_key TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS access_key (
  id INTEGER PRIMARY KEY, env TEXT NOT NULL, app_id TEXT NOT NULL REFERENCES app(app_id),
  secret TEXT NOT NULL, mode INTEGER NOT NULL, enabled INTEGER NOT NULL, created_by TEXT NOT NULL,
  created TEXT NOT NULL, modified_by TEXT NOT NULL, modified TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS instance (
  id INTEGER PRIMARY KEY, env TEXT NOT NULL, app_id TEXT NOT NULL, cluster TEXT NOT NULL,
  data_center TEXT NOT NULL, ip TEXT NOT NULL, namespace_id INTEGER NOT NULL,
  release_id INTEGER NOT NULL, delivered TEXT NOT NULL, created TEXT NOT NULL,
  UNIQUE (env, app_id, cluster, data_center, ip, namespace_id));
"""


def now() -> str:
    """The present, as Apollo writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


class Records(SqliteFile):
    """Apollo's records."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA)

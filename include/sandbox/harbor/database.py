"""Harbor's records in SQLite (WAL): what exists where. Content lies in files, by digest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sandbox.sqlite_file import SqliteFile

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


def now() -> str:
    """The present, as Harbor writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Database(SqliteFile):
    """Harbor's records."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA)

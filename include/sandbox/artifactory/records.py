"""What lies where: nodes, properties and builds in SQLite (WAL)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sandbox.artifactory.checksum_store import Checksums
from sandbox.sqlite_file import Row, SqliteFile

_SCHEMA = """
CREATE TABLE IF NOT EXISTS content (
  sha256 TEXT PRIMARY KEY, sha1 TEXT NOT NULL, md5 TEXT NOT NULL, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS content_sha1 ON content (sha1);
CREATE TABLE IF NOT EXISTS node (
  repo TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL REFERENCES content(sha256),
  mime TEXT NOT NULL, created TEXT NOT NULL, created_by TEXT NOT NULL,
  modified TEXT NOT NULL, modified_by TEXT NOT NULL, PRIMARY KEY (repo, path)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS node_sha256 ON node (sha256);
CREATE TABLE IF NOT EXISTS property (
  repo TEXT NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (repo, path, name, value),
  FOREIGN KEY (repo, path) REFERENCES node (repo, path) ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS build (
  name TEXT NOT NULL, number TEXT NOT NULL, started TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (name, number)) WITHOUT ROWID;
"""
_NODE = "SELECT n.*, c.sha1, c.md5, c.size FROM node n JOIN content c ON c.sha256 = n.sha256"


def now() -> str:
    """The present, as Artifactory writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Records(SqliteFile):
    """Artifactory's records."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA)

    def node(self, repo: str, path: str) -> Row | None:
        """A file."""
        return self.row(f"{_NODE} WHERE n.repo = ? AND n.path = ?", repo, path)

    def under(self, repo: str, folder: str) -> list[Row]:
        """All files below a folder, by path; the root is the empty path."""
        prefix = f"{folder}/" if folder else ""
        query = f"{_NODE} WHERE n.repo = ? AND substr(n.path, 1, ?) = ? ORDER BY n.path"
        return self.rows(query, repo, len(prefix), prefix)

    def content(self, algorithm: str, value: str) -> Checksums | None:
        """Known content by one of its checksums (a column name of ours, never the caller's)."""
        row = self.row(f"SELECT * FROM content WHERE {algorithm} = ?", value.lower())  # noqa: S608
        return Checksums(row["sha256"], row["sha1"], row["md5"], row["size"]) if row else None

    def holding(self, sha256: str) -> list[Row]:
        """Every file with this content."""
        query = f"{_NODE} WHERE n.sha256 = ? ORDER BY n.repo, n.path"
        return self.rows(query, sha256)

    def put(self, repo: str, path: str, sums: Checksums, mime: str, user: str) -> None:
        """A file now has this content; properties of what it replaces go."""
        known, present = self.node(repo, path), now()
        created = (known["created"], known["created_by"]) if known else (present, user)
        self.run(
            "INSERT OR IGNORE INTO content VALUES (?, ?, ?, ?)",
            *(sums.sha256, sums.sha1, sums.md5, sums.size),
        )
        self.remove(repo, path)
        values = (repo, path, sums.sha256, mime, *created, present, user)
        self.run("INSERT INTO node VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)

    def remove(self, repo: str, path: str) -> None:
        """Forget a file; its content stays for others."""
        self.run("DELETE FROM node WHERE repo = ? AND path = ?", repo, path)

    def properties(self, repo: str, path: str) -> dict[str, list[str]]:
        """A file's properties."""
        query = "SELECT name, value FROM property WHERE repo = ? AND path = ? ORDER BY name, value"
        found: dict[str, list[str]] = {}
        for name, value in self.rows(query, repo, path):
            found.setdefault(name, []).append(value)
        return found

    def set_properties(self, repo: str, path: str, properties: Mapping[str, Sequence[str]]) -> None:
        """Give a file properties; each replaces the values it had."""
        self.unset_properties(repo, path, list(properties))
        for name, values in properties.items():
            for value in values:
                self.run("INSERT OR IGNORE INTO property VALUES (?, ?, ?, ?)", repo, path, name, value)

    def unset_properties(self, repo: str, path: str, names: Sequence[str]) -> None:
        """Take properties off a file."""
        for name in names:
            statement = "DELETE FROM property WHERE repo = ? AND path = ? AND name = ?"
            self.run(statement, repo, path, name)

    def put_build(self, name: str, number: str, started: str, body: str) -> None:
        """Keep a build's information; publishing a number again replaces it."""
        self.run("INSERT OR REPLACE INTO build VALUES (?, ?, ?, ?)", name, number, started, body)

    def build(self, name: str, number: str) -> Row | None:
        """One build."""
        return self.row("SELECT * FROM build WHERE name = ? AND number = ?", name, number)

    def builds(self) -> list[Row]:
        """All builds, newest first."""
        return self.rows("SELECT * FROM build ORDER BY started DESC")

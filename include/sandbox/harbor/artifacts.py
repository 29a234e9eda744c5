"""Artifacts as records: find, record, tag, copy, delete. Registry and v2.0 calls both come here."""

from __future__ import annotations

import json

from sandbox.harbor.blob_files import BlobFiles
from sandbox.harbor.database import Database, now
from sandbox.harbor.digests import is_digest
from sandbox.harbor.errors import HarborError, not_found, precondition
from sandbox.harbor.immutability import is_immutable
from sandbox.harbor.manifest import Manifest, parse
from sandbox.sqlite_file import Row


class Artifacts:
    """What lies in which repository under which tags."""

    def __init__(self, database: Database, files: BlobFiles) -> None:
        self._database = database
        self._files = files

    def repository(self, name: str) -> Row:
        """A repository's row; 404 when nothing was ever pushed there."""
        row = self._database.row("SELECT * FROM repository WHERE name = ?", name)
        if row is None:
            raise not_found(f"repository {name}")
        return row

    def find(self, repository: str, reference: str) -> Row | None:
        """An artifact by tag or digest."""
        if is_digest(reference):
            condition = "a.digest = ?"
        else:
            condition = "a.id = (SELECT artifact_id FROM tag WHERE repository_id = r.id AND name = ?)"
        return self._database.row(
            f"SELECT a.*, r.name AS repository, r.project_id FROM artifact a"  # noqa: S608  two constants
            f" JOIN repository r ON r.id = a.repository_id WHERE r.name = ? AND {condition}",
            repository,
            reference,
        )

    def get(self, repository: str, reference: str) -> Row:
        """An artifact by tag or digest; 404 as Harbor says it."""
        row = self.find(repository, reference)
        if row is None:
            mark = "@" if is_digest(reference) else ":"
            raise not_found(f"artifact {repository}{mark}{reference}")
        return row

    def manifest(self, artifact: Row) -> Manifest:
        """An artifact's manifest, read back from its content."""
        return parse(self._files.read(artifact["digest"]), artifact["manifest_media_type"])

    def missing(self, repository: str, manifest: Manifest) -> str | None:
        """The first blob or child manifest that the repository lacks."""
        for digest in manifest.blobs:
            link = "SELECT 1 FROM blob_link WHERE repository = ? AND digest = ?"
            if self._database.row(link, repository, digest) is None:
                return digest
        return next((d for d in manifest.children if self.find(repository, d) is None), None)

    def record(self, repository: str, digest: str, size: int, manifest: Manifest) -> int:
        """Remember a pushed manifest; pushing it again changes nothing."""
        present = now()
        known = self.find(repository, digest)
        if known is not None:
            return int(known["id"])
        project = self._database.row("SELECT id FROM project WHERE name = ?", repository.partition("/")[0])
        if project is None:
            raise not_found(f"project {repository.partition('/')[0]}")
        self._database.run(
            "INSERT INTO repository (project_id, name, created, updated) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET updated = excluded.updated",
            *(project["id"], repository, present, present),
        )
        artifact = self._database.run(
            "INSERT INTO artifact (repository_id, digest, manifest_media_type, media_type, artifact_type,"
            " subject, annotations, size, pushed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.repository(repository)["id"],
            digest,
            manifest.media_type,
            manifest.config_media_type,
            manifest.artifact_type,
            manifest.subject,
            json.dumps(dict(manifest.annotations), ensure_ascii=False),
            size,
            present,
        )
        for child, descriptor in manifest.children.items():
            platform = json.dumps(descriptor.get("platform", {}))
            self._database.run("INSERT INTO child VALUES (?, ?, ?)", artifact, child, platform)
        return artifact

    def tag(self, artifact: Row, name: str) -> None:
        """Point a tag at an artifact; 412 when the tag points elsewhere and is immutable."""
        query = "SELECT * FROM tag WHERE repository_id = ? AND name = ?"
        known = self._database.row(query, artifact["repository_id"], name)
        if known is None:
            self._database.run(
                "INSERT INTO tag (repository_id, artifact_id, name, pushed) VALUES (?, ?, ?, ?)",
                *(artifact["repository_id"], artifact["id"], name, now()),
            )
        elif known["artifact_id"] != artifact["id"]:
            if is_immutable(self._database, artifact["project_id"], artifact["repository"], name):
                raise precondition(f"the tag {name} configured as immutable, cannot be updated")
            move = "UPDATE tag SET artifact_id = ?, pushed = ? WHERE id = ?"
            self._database.run(move, artifact["id"], now(), known["id"])

    def untag(self, artifact: Row, name: str) -> None:
        """Remove a tag from an artifact; 404 when it is another's, 412 when it is immutable."""
        query = "SELECT id FROM tag WHERE artifact_id = ? AND name = ?"
        row = self._database.row(query, artifact["id"], name)
        if row is None:
            raise not_found(f"tag {name} attached to artifact {artifact['id']}")
        if is_immutable(self._database, artifact["project_id"], artifact["repository"], name):
            raise precondition(f"the tag {name} configured as immutable, cannot be deleted")
        self._database.run("DELETE FROM tag WHERE id = ?", row["id"])

    def tags(self, artifact: Row) -> list[Row]:
        """The tags of an artifact by name."""
        return self._database.rows("SELECT * FROM tag WHERE artifact_id = ? ORDER BY name", artifact["id"])

    def accessories(self, artifact: Row) -> list[Row]:
        """What says it is about this artifact: signatures, SBOMs, reports, oldest first."""
        return self._database.rows(
            "SELECT a.*, r.name AS repository, r.project_id FROM artifact a"
            " JOIN repository r ON r.id = a.repository_id"
            " WHERE a.repository_id = ? AND a.subject = ? ORDER BY a.id",
            *(artifact["repository_id"], artifact["digest"]),
        )

    def delete(self, artifact: Row) -> None:
        """Delete with tags and accessories; 412 when another names it or a tag is immutable."""
        parents = self._database.rows(
            "SELECT 1 FROM child c JOIN artifact a ON a.id = c.parent_id"
            " WHERE a.repository_id = ? AND c.digest = ?",
            *(artifact["repository_id"], artifact["digest"]),
        )
        if parents:
            message = "the deleting artifact is referenced by others"
            raise HarborError(412, "VIOLATE_FOREIGN_KEY_CONSTRAINT", message)
        for tag in self.tags(artifact):
            self.untag(artifact, tag["name"])
        for accessory in self.accessories(artifact):
            self.delete(accessory)
        self._database.run("DELETE FROM artifact WHERE id = ?", artifact["id"])

    def copy(self, artifact: Row, target: str, *, outermost: bool = True) -> int:
        """Copy an artifact with children and accessories into another repository; no content moves.

        As Harbor does it: tags come along; an artifact that is there already is left as it is, accessories
        included, and only gets the tags.
        """
        if self.find(target, artifact["digest"]) is None:
            manifest = self.manifest(artifact)
            for child in manifest.children:
                self.copy(self.get(artifact["repository"], child), target, outermost=False)
            for accessory in self.accessories(artifact):
                self.copy(accessory, target, outermost=False)
            for digest in manifest.blobs:
                self._database.run("INSERT OR IGNORE INTO blob_link VALUES (?, ?)", target, digest)
            self.record(target, artifact["digest"], artifact["size"], manifest)
        copied = self.get(target, artifact["digest"])
        if outermost:
            for tag in self.tags(artifact):
                self.tag(copied, tag["name"])
        return int(copied["id"])

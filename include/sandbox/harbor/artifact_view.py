"""Artifacts as the v2.0 API shows them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.harbor.artifacts import Artifacts
from sandbox.harbor.blob_files import BlobFiles
from sandbox.harbor.database import Database
from sandbox.harbor.immutability import is_immutable
from sandbox.harbor.labels import label_view
from sandbox.harbor.manifest import Manifest
from sandbox.harbor.paging import flag
from sandbox.harbor.scans import REPORT_TYPE, overview
from sandbox.sqlite_file import Row

_IMAGES = {
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}
_CONFIG = re.compile(r"application/vnd\.[^.]*\.(.*)\.config\.[^.]*\+json")
_ACCESSORIES = {
    "application/vnd.dev.cosign.artifact.sig.v1+json": "signature.cosign",
    "application/vnd.cncf.notary.signature": "signature.notation",
    "application/vnd.goharbor.harbor.sbom.v1": "sbom.harbor",
}


@dataclass(frozen=True)
class Detail:
    """What a caller asked to see with an artifact."""

    tag: bool
    label: bool
    scan_overview: bool
    accessory: bool
    immutable_status: bool

    @classmethod
    def of(cls, request: web.Request) -> Detail:
        """The `with_…` parameters of a request."""
        return cls(
            tag=flag(request, "with_tag", default=True),
            label=flag(request, "with_label"),
            scan_overview=flag(request, "with_scan_overview"),
            accessory=flag(request, "with_accessory"),
            immutable_status=flag(request, "with_immutable_status"),
        )


class ArtifactView:
    """Turns rows into the vendor's Artifact, Tag and Accessory objects."""

    def __init__(self, database: Database, files: BlobFiles, artifacts: Artifacts) -> None:
        self._database = database
        self._files = files
        self._artifacts = artifacts

    def artifact(self, row: Row, detail: Detail) -> dict[str, Any]:
        """One artifact in as much detail as was asked for."""
        manifest = self._artifacts.manifest(row)
        base = f"/api/v2.0/projects/{row['repository'].partition('/')[0]}/repositories/"
        base += row["repository"].partition("/")[2].replace("/", "%252F") + f"/artifacts/{row['digest']}"
        shown: dict[str, Any] = {
            "id": row["id"],
            "type": kind_of(row["media_type"]),
            "media_type": row["media_type"],
            "manifest_media_type": row["manifest_media_type"],
            "artifact_type": row["artifact_type"],
            "project_id": row["project_id"],
            "repository_id": row["repository_id"],
            "repository_name": row["repository"],
            "digest": row["digest"],
            "size": row["size"],
            "push_time": row["pushed"],
            "extra_attrs": self._extra(manifest),
            "annotations": json.loads(row["annotations"]),
            "references": self._references(row),
            "addition_links": {
                "vulnerabilities": {"absolute": False, "href": f"{base}/additions/vulnerabilities"}
            },
        }
        if row["pulled"]:
            shown["pull_time"] = row["pulled"]
        if detail.tag:
            tags = self._artifacts.tags(row)
            shown["tags"] = [self.tag(row, tag, detail.immutable_status) for tag in tags]
        if detail.label:
            shown["labels"] = self._labels(row)
        if detail.accessory:
            shown["accessories"] = [self.accessory(row, x) for x in self._artifacts.accessories(row)]
        scan = self._database.row("SELECT * FROM scan WHERE artifact_id = ?", row["id"])
        if detail.scan_overview and scan:
            shown["scan_overview"] = {REPORT_TYPE: overview(scan)}
        return shown

    def tag(self, artifact: Row, tag: Row, immutable_status: bool) -> dict[str, Any]:
        """One tag."""
        immutable = immutable_status and is_immutable(
            self._database, artifact["project_id"], artifact["repository"], tag["name"]
        )
        shown = {key: tag[key] for key in ("id", "repository_id", "artifact_id", "name")}
        return shown | {"push_time": tag["pushed"], "immutable": immutable}

    def accessory(self, subject: Row, row: Row) -> dict[str, Any]:
        """One accessory of an artifact."""
        return {
            "id": row["id"],
            "artifact_id": row["id"],
            "subject_artifact_id": subject["id"],
            "subject_artifact_digest": subject["digest"],
            "subject_artifact_repo": subject["repository"],
            "size": row["size"],
            "digest": row["digest"],
            "type": _ACCESSORIES.get(row["artifact_type"], "subject.accessory"),
            "icon": "",
            "creation_time": row["pushed"],
        }

    def _labels(self, row: Row) -> list[dict[str, Any]]:
        query = (
            "SELECT l.* FROM label l JOIN artifact_label a ON a.label_id = l.id"
            " WHERE a.artifact_id = ? ORDER BY l.id"
        )
        return [label_view(label) for label in self._database.rows(query, row["id"])]

    def _references(self, row: Row) -> list[dict[str, Any]]:
        query = "SELECT * FROM child WHERE parent_id = ? ORDER BY digest"
        shown = []
        for child in self._database.rows(query, row["id"]):
            known = self._artifacts.find(row["repository"], child["digest"])
            reference = {"parent_id": row["id"], "child_digest": child["digest"]}
            reference["platform"] = json.loads(child["platform"])
            shown.append(reference | ({"child_id": known["id"]} if known else {}))
        return shown

    def _extra(self, manifest: Manifest) -> dict[str, Any]:
        """What Harbor reads out of an image's configuration."""
        if manifest.is_index or manifest.config_media_type not in _IMAGES:
            return {}
        config = json.loads(self._files.read(manifest.config))
        keys = ("architecture", "os", "created", "author", "config")
        return {key: config[key] for key in keys if key in config}


def kind_of(media_type: str) -> str:
    """Harbor's type of an artifact: IMAGE, what the configuration's media type names, or UNKNOWN."""
    if media_type in _IMAGES:
        return "IMAGE"
    named = _CONFIG.fullmatch(media_type)
    return named[1].upper() if named else "UNKNOWN"

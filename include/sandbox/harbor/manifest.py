"""What a manifest says: its type, what it needs, what it is about (OCI image spec 1.1, Docker schema 2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.harbor.digests import checked
from sandbox.harbor.errors import HarborError

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
_MANIFESTS = {OCI_MANIFEST, DOCKER_MANIFEST}
_INDEXES = {OCI_INDEX, DOCKER_LIST}


@dataclass(frozen=True)
class Manifest:
    """A manifest or index, as far as a registry cares."""

    media_type: str
    config_media_type: str
    artifact_type: str
    config: str
    blobs: Mapping[str, int]
    children: Mapping[str, Mapping[str, Any]]
    subject: str | None
    annotations: Mapping[str, str]

    @property
    def is_index(self) -> bool:
        """Whether it names manifests rather than layers."""
        return self.media_type in _INDEXES


def parse(content: bytes, content_type: str) -> Manifest:
    """Read a pushed manifest; 400 MANIFEST_INVALID when it is malformed."""
    try:
        return _read(content, content_type)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise invalid(f"manifest invalid: {error!r}") from error


def invalid(message: str) -> HarborError:
    """400 MANIFEST_INVALID."""
    return HarborError(400, "MANIFEST_INVALID", message)


def _read(content: bytes, content_type: str) -> Manifest:
    body = json.loads(content)
    media_type = body.get("mediaType") or content_type
    if content_type and body.get("mediaType") and content_type != body["mediaType"]:
        raise invalid(f"the manifest's mediaType {media_type} is not the Content-Type {content_type}")
    if body.get("schemaVersion") != 2 or media_type not in _MANIFESTS | _INDEXES:
        raise invalid(f"schemaVersion 2 of an OCI or Docker manifest is expected, not {media_type!r}")
    subject = body.get("subject")
    config: dict[str, Any] = {} if media_type in _INDEXES else body["config"]
    layers = [] if media_type in _INDEXES else [x for x in body["layers"] if not x.get("urls")]
    blobs = {checked(x["digest"]): int(x["size"]) for x in ([config, *layers] if config else [])}
    children = {checked(x["digest"]): x for x in body.get("manifests", [])}
    return Manifest(
        media_type=media_type,
        config_media_type=config.get("mediaType", media_type),
        artifact_type=body.get("artifactType") or config.get("mediaType", ""),
        config=config.get("digest", ""),
        blobs=blobs,
        children=children,
        subject=checked(subject["digest"]) if subject else None,
        annotations=body.get("annotations") or {},
    )

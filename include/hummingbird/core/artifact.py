"""What is built once and carried unchanged: images and packages, by digest."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from hummingbird.core.record import Record

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""An OCI manifest digest."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 of a file's bytes or of canonical JSON."""

Commit = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
"""A full git commit id."""


PROVENANCE_TYPE = "application/vnd.in-toto+dsse"
"""Artifact type of the signed provenance that is attached to an image."""
SBOM_TYPE = "application/vnd.cyclonedx+json"
"""Artifact type of the bill of materials that is attached to an image."""


class Image(Record):
    """An image by digest; `repository` is `project/name` without a host, tags never appear."""

    repository: str
    digest: Digest


class Package(Record):
    """A file in a package repository, by checksum."""

    repository: str
    path: str
    sha256: Sha256


class Build(Record):
    """What one pipeline made of one commit."""

    component: str
    version: str
    commit: Commit
    image: Image
    packages: list[Package] = Field(default_factory=list)
    sbom: Package | None = None
    pipeline_id: int
    pipeline_url: str
    pipeline_seconds: float = 0.0

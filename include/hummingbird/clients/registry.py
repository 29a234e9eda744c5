"""The OCI registry API below `/v2`: attach a document to an image as a referrer, and read what is attached.

OCI image-spec 1.1 (`subject`, `artifactType`), distribution-spec 1.1 (push, referrers tag schema).
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urljoin

from hummingbird.clients.http import Answer, Site
from hummingbird.core.artifact import Image
from hummingbird.core.canonical import canonical_json
from hummingbird.core.errors import Garbled, Mismatch

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
_EMPTY_BYTES = b"{}"
_IMAGE_TYPES = ", ".join(
    (
        MANIFEST,
        INDEX,
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)


class Registry:
    """Pushes referrers; every name in it is made of content, so that pushing again changes nothing."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def attach(self, image: Image, artifact_type: str, media_type: str, content: bytes) -> str:
        """Push `content` as a referrer of the image; returns the digest of its manifest."""
        subject = self._subject(image)
        layer = self._blob(image.repository, media_type, content)
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": artifact_type,
            "config": self._blob(image.repository, EMPTY, _EMPTY_BYTES),
            "layers": [layer],
            "subject": subject,
        }
        body = canonical_json(manifest)
        digest = _digest(body)
        answer = self._put_manifest(image.repository, digest, MANIFEST, body)
        if answer.headers.get("OCI-Subject") != image.digest:
            entry = {
                "mediaType": MANIFEST,
                "digest": digest,
                "size": len(body),
                "artifactType": artifact_type,
            }
            self._list_by_tag(image, entry)
        return digest

    def attached(self, image: Image, artifact_type: str) -> list[bytes]:
        """The documents of a type that are attached to the image, each checked by its digest."""
        found = []
        for entry in self._referrers(image):
            if entry.get("artifactType") != artifact_type:
                continue
            about = f"referrer of {image.repository}@{image.digest}"
            manifest = self._checked(
                f"v2/{image.repository}/manifests/{entry['digest']}", entry["digest"], about
            )
            for layer in manifest.document().get("layers") or []:
                path = f"v2/{image.repository}/blobs/{layer['digest']}"
                found.append(self._checked(path, layer["digest"], about).body)
        return found

    def _referrers(self, image: Image) -> list[dict[str, Any]]:
        """By the referrers API; by the tag `sha256-…` where a registry has none."""
        about = f"referrers of {image.repository}@{image.digest}"
        paths = (
            f"v2/{image.repository}/referrers/{image.digest}",
            f"v2/{image.repository}/manifests/{image.digest.replace(':', '-')}",
        )
        for path in paths:
            answer = self._site.call("GET", path, about=about, headers={"Accept": INDEX}, accept={404})
            if answer.status != 404:
                return list(answer.document().get("manifests") or [])
        return []

    def _checked(self, path: str, digest: str, about: str) -> Answer:
        answer = self._site.call("GET", path, about=about, headers={"Accept": f"{MANIFEST}, */*"})
        found = _digest(answer.body)
        if found != digest:
            raise Mismatch(f"{answer.head}: expected bytes of {digest}, found {found}; do not use them")
        return answer

    def _subject(self, image: Image) -> dict[str, Any]:
        answer = self._site.call(
            "GET",
            f"v2/{image.repository}/manifests/{image.digest}",
            about=f"manifest of {image.repository}@{image.digest}",
            headers={"Accept": _IMAGE_TYPES},
        )
        found = _digest(answer.body)
        if found != image.digest:
            raise Mismatch(
                f"{answer.head}: expected bytes of {image.digest}, found {found}; do not use this image"
            )
        media_type = answer.headers.get("Content-Type", MANIFEST).split(";")[0].strip()
        return {"mediaType": media_type, "digest": found, "size": len(answer.body)}

    def _blob(self, repository: str, media_type: str, content: bytes) -> dict[str, Any]:
        digest = _digest(content)
        about = f"blob {digest} in {repository}"
        there = self._site.call("HEAD", f"v2/{repository}/blobs/{digest}", about=about, accept={404})
        if there.status == 404:
            begun = self._site.call("POST", f"v2/{repository}/blobs/uploads/", about=about, again=True)
            self._site.call(
                "PUT",
                self._upload_address(begun, f"v2/{repository}/blobs/uploads/"),
                about=about,
                params={"digest": digest},
                body=content,
                headers={"Content-Type": "application/octet-stream"},
            )
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def _upload_address(self, begun: Answer, path: str) -> str:
        location = begun.headers.get("Location")
        if location is None:
            raise Garbled(f"{begun.head}: expected a Location to upload to, found none")
        return self._site.address(urljoin(self._site.address(path), location))

    def _put_manifest(self, repository: str, reference: str, media_type: str, body: bytes) -> Answer:
        return self._site.call(
            "PUT",
            f"v2/{repository}/manifests/{reference}",
            about=f"manifest {reference} of {repository}",
            body=body,
            headers={"Content-Type": media_type},
        )

    def _list_by_tag(self, image: Image, entry: dict[str, Any]) -> None:
        """A registry without the referrers API is told by the tag `sha256-…`, an index of referrers."""
        tag = image.digest.replace(":", "-")
        answer = self._site.call(
            "GET",
            f"v2/{image.repository}/manifests/{tag}",
            about=f"referrers of {image.repository}@{image.digest}",
            headers={"Accept": INDEX},
            accept={404},
        )
        listed = [] if answer.status == 404 else list(answer.document().get("manifests") or [])
        if any(each.get("digest") == entry["digest"] for each in listed):
            return
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [*listed, entry]}
        self._put_manifest(image.repository, tag, INDEX, canonical_json(index))


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"

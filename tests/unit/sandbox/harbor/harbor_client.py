"""A registry client of the tests: plain requests, and images made of a few bytes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import requests

from sandbox.world import World

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Client:
    """One account's view of Harbor."""

    def __init__(self, world: World, user: str) -> None:
        self.url = world.url("harbor")
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (user, world.secret(f"harbor.{user.removeprefix('robot$')}"))

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, self.url + path, timeout=30, **more)

    def api(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.call(method, "/api/v2.0" + path, **more)

    def blob(self, repository: str, content: bytes) -> dict[str, Any]:
        path = f"/v2/{repository}/blobs/uploads/"
        answer = self.call("POST", path, params={"digest": digest(content)}, data=content)
        assert answer.status_code == 201, answer.text
        return {"digest": digest(content), "size": len(content)}

    def manifest(self, repository: str, reference: str, body: dict[str, Any]) -> requests.Response:
        content = json.dumps(body).encode()
        return self.call(
            "PUT",
            f"/v2/{repository}/manifests/{reference or digest(content)}",
            data=content,
            headers={"Content-Type": body["mediaType"]},
        )

    def image(self, repository: str, tag: str, layer: bytes = b"layer", **more: Any) -> str:
        """Push a one-layer image; its digest."""
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"User": "1000"}}).encode()
        body = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, **self.blob(repository, config)},
            "layers": [{"mediaType": LAYER, **self.blob(repository, layer)}],
            **more,
        }
        answer = self.manifest(repository, tag, body)
        assert answer.status_code == 201, answer.text
        return answer.headers["Docker-Content-Digest"]

    def attach(self, repository: str, subject: str, artifact_type: str, content: bytes) -> str:
        """Push an accessory of an artifact; its digest."""
        size = int(self.call("HEAD", f"/v2/{repository}/manifests/{subject}").headers["Content-Length"])
        body = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": artifact_type,
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", **self.blob(repository, b"{}")},
            "layers": [{"mediaType": "application/json", **self.blob(repository, content)}],
            "subject": {"mediaType": MANIFEST, "digest": subject, "size": size},
        }
        answer = self.manifest(repository, "", body)
        assert answer.status_code == 201, answer.text
        assert answer.headers["OCI-Subject"] == subject
        return answer.headers["Docker-Content-Digest"]

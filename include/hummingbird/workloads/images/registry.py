"""The part of the OCI distribution API that building takes: blobs and manifests, by digest.

Follows the OCI Distribution Specification 1.1 and the token scheme that Harbor shares with Docker's registry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from hummingbird.clients.connection import TimelyAdapter
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.translation import error_of
from hummingbird.core.artifact import Image
from hummingbird.core.errors import Garbled, Mismatch
from hummingbird.core.errors import Unreachable as NoAnswer
from hummingbird.workloads.images.answers import asked_after, blocks, head_of
from hummingbird.workloads.images.registry_auth import Credentials, RegistryAuth

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
ACCEPTED = ", ".join((MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_INDEX))
LARGEST_DOCUMENT = 4 * 1024 * 1024
"""Bytes of a manifest or image configuration; registries themselves refuse larger manifests."""
TIMEOUT = (5.0, 60.0)
DOCUMENT_SECONDS, BLOB_SECONDS = 60.0, 900.0
"""From the head of an answer to its last byte, however slowly it comes."""
BLOCK = 1024 * 1024


class Registry:
    """One registry at a base URL. Errors are core.errors; a truncated blob never counts as pulled.

    Every call may be made twice, for all names are made of content; so what machinery broke is tried again.
    """

    def __init__(self, url: str, credentials: Credentials | None, retrying: Retrying | None = None) -> None:
        self._url = url.rstrip("/")
        self._retrying = retrying or Retrying()
        self._session = requests.Session()
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, TimelyAdapter())
        self._auth = RegistryAuth(urlsplit(self._url).netloc, credentials)

    def manifest(self, image: Image) -> dict[str, Any]:
        """A manifest or index by digest, checked against it."""
        path = f"manifests/{image.digest}"
        return self._document(image.repository, path, {"Accept": ACCEPTED}, image.digest)

    def has_manifest(self, image: Image) -> bool:
        """Whether the image can be pulled by digest with these credentials."""
        path, headers = f"manifests/{image.digest}", {"Accept": ACCEPTED}
        return self._call("HEAD", image.repository, path, headers, missing_is_fine=True).status_code == 200

    def document(self, repository: str, digest: str) -> dict[str, Any]:
        """A small JSON blob, such as an image's configuration."""
        return self._document(repository, f"blobs/{digest}", {}, digest)

    def has_blob(self, repository: str, digest: str) -> bool:
        """Whether the repository holds the blob."""
        response = self._call("HEAD", repository, f"blobs/{digest}", missing_is_fine=True)
        return response.status_code == 200

    def pull_blob(self, repository: str, digest: str, target: Path) -> None:
        """Write a blob to a file; Mismatch when its bytes are not those of the digest."""
        self._retrying.run(lambda: self._pull(repository, digest, target), again=True)

    def _pull(self, repository: str, digest: str, target: Path) -> None:
        response = self._once("GET", self._address(repository, f"blobs/{digest}"), {}, stream=True)
        sha256 = hashlib.sha256()
        with response, target.open("wb") as file:
            for block in blocks(response, BLOB_SECONDS):
                sha256.update(block)
                file.write(block)
        if f"sha256:{sha256.hexdigest()}" != digest:
            raise Mismatch(f"{repository}: blob {digest} arrived as sha256:{sha256.hexdigest()}")

    def mount_blob(self, repository: str, digest: str, source_repository: str) -> bool:
        """Have the registry share a blob between two repositories; False when it would rather be sent it."""
        path = f"blobs/uploads/?mount={digest}&from={source_repository}"
        scope = f"repository:{source_repository}:pull"
        return self._call("POST", repository, path, also_scope=scope).status_code == 201

    def push_blob(self, repository: str, digest: str, content: Path | bytes) -> None:
        """Store a blob unless it is there; an upload that is cut begins anew."""
        self._retrying.run(lambda: self._push(repository, digest, content), again=True)

    def _push(self, repository: str, digest: str, content: Path | bytes) -> None:
        if self.has_blob(repository, digest):
            return
        opened = self._call("POST", repository, "blobs/uploads/")
        address = urljoin(f"{self._url}/", opened.headers.get("Location", ""))
        if urlsplit(address).netloc != urlsplit(self._url).netloc:
            raise Garbled(f"{self._url} wants the upload of {digest} sent to another host: {address}")
        separator = "&" if urlsplit(address).query else "?"
        headers = {"Content-Type": "application/octet-stream"}
        body: bytes | _Body = content if isinstance(content, bytes) else _Body(content)
        headers["Content-Length"] = str(len(body))
        self._once("PUT", f"{address}{separator}digest={digest}", headers, data=body)

    def push_manifest(self, repository: str, content: bytes, media_type: str, tag: str | None) -> str:
        """Store a manifest by digest, name it by the tag too, and read its digest back."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        for reference in (digest, tag) if tag else (digest,):
            self._call(
                "PUT", repository, f"manifests/{reference}", {"Content-Type": media_type}, data=content
            )
        stored = self._call("HEAD", repository, f"manifests/{tag or digest}", {"Accept": media_type})
        told = stored.headers.get("Docker-Content-Digest", digest)
        if told != digest:
            raise Mismatch(f"{repository}: pushed {digest}, the registry now holds {told}")
        return digest

    def _document(self, repository: str, path: str, headers: dict[str, str], digest: str) -> dict[str, Any]:
        content = self._retrying.run(lambda: self._content(repository, path, headers), again=True)
        found = f"sha256:{hashlib.sha256(content).hexdigest()}"
        where = self._address(repository, path)
        if found != digest:
            raise Mismatch(f"{where} answered content of {found}")
        try:
            document = json.loads(content)
        except ValueError as error:
            raise Garbled(f"{where} is not JSON: {error}") from error
        if not isinstance(document, dict):
            raise Garbled(f"{where} is not a JSON object")
        return document

    def _content(self, repository: str, path: str, headers: dict[str, str]) -> bytes:
        content = b""
        with self._once("GET", self._address(repository, path), headers, stream=True) as response:
            for block in blocks(response, DOCUMENT_SECONDS):
                content += block
                if len(content) > LARGEST_DOCUMENT:
                    raise Garbled(f"{response.url} holds more than {LARGEST_DOCUMENT} bytes of JSON")
        return content

    def _address(self, repository: str, path: str) -> str:
        return f"{self._url}/v2/{repository}/{path}"

    def _call(
        self,
        method: str,
        repository: str,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        data: bytes | None = None,
        missing_is_fine: bool = False,
        also_scope: str | None = None,
    ) -> requests.Response:
        return self._retrying.run(
            lambda: self._once(
                method,
                self._address(repository, path),
                headers or {},
                data=data,
                missing_is_fine=missing_is_fine,
                also_scope=also_scope,
            ),
            again=True,
        )

    def _once(
        self,
        method: str,
        address: str,
        headers: dict[str, str],
        *,
        data: bytes | _Body | None = None,
        stream: bool = False,
        missing_is_fine: bool = False,
        also_scope: str | None = None,
    ) -> requests.Response:
        try:
            response = self._session.request(
                method,
                address,
                headers=headers,
                data=data,
                auth=self._auth.scoped(also_scope),
                stream=True,
                timeout=TIMEOUT,
                allow_redirects=method in ("GET", "HEAD"),
            )
        except requests.RequestException as error:
            raise NoAnswer(f"{method} {address}: {error}") from error
        if stream and response.status_code < 300:
            return response
        with response:
            said = head_of(response)
        if response.status_code < 300 or (response.status_code == 404 and missing_is_fine):
            return response
        raise error_of(response.status_code, f"{method} {address}", said, asked_after(response))


class _Body:
    """A file as a request body that can be sent again from its beginning, in blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __len__(self) -> int:
        return self._path.stat().st_size

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block

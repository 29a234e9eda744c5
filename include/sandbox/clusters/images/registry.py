"""Reading a registry: manifests and blobs, with the Basic or Bearer challenge answered.

Plain HTTP on loopback, HTTPS everywhere else, as container runtimes treat insecure registries.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from types import TracebackType

import aiohttp

from sandbox.clusters.images.reference import Reference

_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)
_TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=5)


class PullError(Exception):
    """A pull that failed; the message is what containerd would tell."""


class Registry:
    """One registry, for one pull."""

    def __init__(self, reference: Reference, login: tuple[str, str] | None) -> None:
        self._reference = reference
        self._login = login
        self._token: str | None = None
        self._session: aiohttp.ClientSession | None = None
        loopback = re.fullmatch(r"(127\.\d+\.\d+\.\d+|localhost)(:\d+)?", reference.host)
        self._base = f"{'http' if loopback else 'https'}://{reference.host}/v2/{reference.repository}"

    async def __aenter__(self) -> Registry:
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def manifest(self, wanted: str) -> tuple[str, bytes]:
        """A manifest's digest and bytes, verified; PullError when it cannot be had."""
        url = f"{self._base}/manifests/{wanted}"
        async with await self._get(url, {"Accept": _MANIFESTS}) as response:
            body = await response.read()
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        if wanted.startswith("sha256:") and wanted != digest:
            raise PullError(f"unexpected digest: expected {wanted}, the registry sent {digest}")
        return digest, body

    async def blob(self, digest: str, path: Path) -> None:
        """Write a blob to `path`, verified while it arrives; PullError when it is not what was asked."""
        seen = hashlib.sha256()
        fresh = path.with_suffix(".new")
        async with await self._get(f"{self._base}/blobs/{digest}", {}) as response:
            with fresh.open("wb") as file:
                async for piece in response.content.iter_chunked(1 << 20):
                    seen.update(piece)
                    file.write(piece)
        if f"sha256:{seen.hexdigest()}" != digest:
            fresh.unlink()
            raise PullError(
                f"unexpected digest of blob {digest}: the registry sent sha256:{seen.hexdigest()}"
            )
        fresh.replace(path)

    async def _get(self, url: str, headers: dict[str, str]) -> aiohttp.ClientResponse:
        response = await self._send(url, headers)
        if response.status == 401:
            challenge = response.headers.get("WWW-Authenticate", "")
            response.release()
            await self._answer(challenge)
            response = await self._send(url, headers)
        if response.status == 200:
            return response
        status = f"{response.status} {response.reason}"
        response.release()
        if response.status == 404:
            raise PullError(f"{self._reference.text}: not found")
        if response.status in {401, 403}:
            raise PullError(
                "pull access denied, repository does not exist or may require authorization: "
                f"authorization failed: {status}"
            )
        raise PullError(f"unexpected status from GET request to {url}: {status}")

    async def _send(self, url: str, headers: dict[str, str]) -> aiohttp.ClientResponse:
        assert self._session is not None
        authorization = {"Authorization": self._token} if self._token else {}
        try:
            return await self._session.get(url, headers={**headers, **authorization})
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise PullError(f'failed to do request: Get "{url}": {problem}') from problem

    async def _answer(self, challenge: str) -> None:
        """Get what the WWW-Authenticate header asks for into the Authorization header."""
        kind, _, rest = challenge.partition(" ")
        basic = aiohttp.BasicAuth(*self._login) if self._login else None
        if kind.lower() == "basic":
            self._token = basic.encode() if basic else None
            return
        parts = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if kind.lower() != "bearer" or "realm" not in parts or self._session is None:
            return
        query = {key: parts[key] for key in ("service", "scope") if key in parts}
        try:
            async with self._session.get(parts["realm"], params=query, auth=basic) as response:
                if response.status != 200:
                    told = f"{response.status} {response.reason}"
                    raise PullError(f"failed to authorize: failed to fetch token: unexpected status: {told}")
                answer = await response.json(content_type=None)
        except aiohttp.ClientError as problem:
            raise PullError(f"failed to authorize: failed to fetch token: {problem}") from problem
        self._token = f"Bearer {answer.get('token') or answer.get('access_token')}"

"""Artifactory: files by checksum.

API: JFrog's REST reference: file info, deploy, deploy by checksum, copy.
"""

from __future__ import annotations

from urllib.parse import quote

from pydantic import TypeAdapter

from hummingbird.clients.http import Site, fitting
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import BearerToken, basic
from hummingbird.core.artifact import Package, Sha256
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.errors import Conflict, Invalid, Mismatch, NotFound

_SHA256: TypeAdapter[str] = TypeAdapter(Sha256)


class Artifactory:
    """Fulfils ports.PackageStore; `url` with or without the context path `/artifactory`.

    The token is sent as the user's password, or as a bearer token when there is no user.
    """

    def __init__(
        self,
        url: str,
        user: str,
        token: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        base = url.strip().rstrip("/")
        base = base if base.endswith("/artifactory") else f"{base}/artifactory"
        auth = basic(user, token) if user else BearerToken(token)
        self._site = Site("Artifactory", base, auth=auth, verify=verify, limits=limits, retrying=retrying)

    def close(self) -> None:
        """Close all connections."""
        self._site.close()

    def checksum(self, package: Package) -> str | None:
        """The stored SHA-256, None when the file is missing."""
        return self._stored(package.repository, package.path)

    def copy(self, package: Package, target_repository: str) -> Package:
        """Copy on the server, read back; the same copy again changes nothing.

        Raises NotFound when the source is missing, Mismatch when the source or the copy is not the package,
        Conflict when the target's path holds something else: what was promoted once is never overwritten.
        """
        target = package.model_copy(update={"repository": target_repository})
        there = self._stored(target_repository, package.path)
        if there == package.sha256:
            return target
        where = f"{package.path} in {target_repository}"
        if there is not None:
            raise Conflict(
                f"Artifactory: {where}: expected nothing or sha256 {package.sha256}, found {there}; "
                "a promoted file is never replaced, deliver a new version"
            )
        self._require(package)
        self._site.call(
            "POST",
            f"api/copy/{_path(package.repository, package.path)}",
            about=f"copying {package.path} from {package.repository} to {target_repository}",
            params={"to": f"/{target_repository}/{package.path}", "failFast": 1},
            again=True,
        )
        found = self._stored(target_repository, package.path)
        if found != package.sha256:
            raise Mismatch(
                f"Artifactory: {where}: expected sha256 {package.sha256} after the copy, "
                f"found {found or 'nothing'}; do not use it"
            )
        return target

    def put(self, repository: str, path: str, content: bytes, content_type: str) -> str:
        """Store a file unless the same bytes are there; returns its address; Mismatch if not read back."""
        wanted = sha256_hex(content)
        if self._stored(repository, path) == wanted:
            return self.page(repository, path)
        about = f"storing {path} in {repository}"
        headers = {"X-Checksum-Sha256": wanted, "Content-Type": content_type}
        known = self._site.call(
            "PUT",
            _path(repository, path),
            about=about,
            headers={**headers, "X-Checksum-Deploy": "true"},
            accept={404},
        )
        if known.status == 404:
            self._site.call("PUT", _path(repository, path), about=about, body=content, headers=headers)
        found = self._stored(repository, path)
        if found != wanted:
            raise Mismatch(
                f"Artifactory: {path} in {repository}: stored sha256 {wanted}, "
                f"found {found or 'nothing'} when read back; store it again"
            )
        return self.page(repository, path)

    def page(self, repository: str, path: str) -> str:
        """Address of a stored file."""
        return self._site.address(_path(repository, path))

    def read(self, package: Package) -> bytes:
        """A file's bytes; NotFound when missing, Mismatch when they are not the package's."""
        about = f"{package.path} in {package.repository}"
        answer = self._site.call(
            "GET", _path(package.repository, package.path), about=about, headers={"Accept": "*/*"}
        )
        found = sha256_hex(answer.body)
        if found != package.sha256:
            raise Mismatch(f"{answer.head}: expected sha256 {package.sha256}, found {found}; do not use it")
        return answer.body

    def _require(self, package: Package) -> None:
        found = self._stored(package.repository, package.path)
        where = f"Artifactory: {package.path} in {package.repository}"
        if found is None:
            raise NotFound(f"{where}: expected sha256 {package.sha256}, found nothing; build it again")
        if found != package.sha256:
            raise Mismatch(f"{where}: expected sha256 {package.sha256}, found {found}; do not use it")

    def _stored(self, repository: str, path: str) -> str | None:
        answer = self._site.call(
            "GET", f"api/storage/{_path(repository, path)}", about=f"{path} in {repository}", accept={404}
        )
        if answer.status == 404:
            return None
        checksums = answer.document().get("checksums") or {}
        return fitting(_SHA256, checksums.get("sha256"), f"{answer.head}: checksums.sha256")


def _path(repository: str, path: str) -> str:
    parts = path.split("/")
    if not repository or "/" in repository or any(part in ("", ".", "..") for part in parts):
        raise Invalid(f"path: {repository!r} and {path!r} must name a repository and a file below it")
    return "/".join(quote(part, safe="") for part in (repository, *parts))

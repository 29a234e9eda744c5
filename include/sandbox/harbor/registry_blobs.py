"""Registry: pulling blobs and pushing them, monolithic, in chunks or by mount (OCI distribution 1.1)."""

from __future__ import annotations

import asyncio
import re
import uuid
from pathlib import Path

from aiohttp import web

from sandbox.harbor import digests
from sandbox.harbor.errors import HarborError
from sandbox.harbor.gate import Harbor
from sandbox.harbor.names import repository_of

_CONTENT_RANGE = re.compile(r"(?:bytes )?(\d+)-(\d+)")


class Blobs:
    """Handlers of /v2/<name>/blobs/…"""

    def __init__(self, harbor: Harbor) -> None:
        self._harbor = harbor

    def routes(self) -> list[web.RouteDef]:
        """The registry's blob calls."""
        upload = r"/v2/{name:.+}/blobs/uploads/{upload:[0-9a-f-]+}"
        return [
            web.post("/v2/{name:.+}/blobs/uploads/", self.begin),
            web.get(upload, self.status),
            web.patch(upload, self.append),
            web.put(upload, self.finish),
            web.delete(upload, self.cancel),
            web.get("/v2/{name:.+}/blobs/{digest}", self.pull),
            web.delete("/v2/{name:.+}/blobs/{digest}", self.unlink),
        ]

    async def pull(self, request: web.Request) -> web.StreamResponse:
        """GET or HEAD of a blob; ranges are served."""
        repository = repository_of(request)
        self._harbor.admit_to_registry(request, repository, "pull")
        digest = digests.checked(request.match_info["digest"])
        if not self._linked(repository, digest):
            raise HarborError(404, "BLOB_UNKNOWN", f"blob unknown to registry: {digest}")
        headers = {"Content-Type": "application/octet-stream", "Docker-Content-Digest": digest}
        response = web.FileResponse(self._harbor.files.path(digest), headers=headers, chunk_size=1 << 18)
        response.etag = digest
        return response

    async def unlink(self, request: web.Request) -> web.Response:
        """DELETE of a blob: the repository forgets it; content of other repositories stays."""
        repository = repository_of(request)
        self._harbor.admit_to_registry(request, repository, "delete")
        digest = digests.checked(request.match_info["digest"])
        if not self._linked(repository, digest):
            raise HarborError(404, "BLOB_UNKNOWN", f"blob unknown to registry: {digest}")
        statement = "DELETE FROM blob_link WHERE repository = ? AND digest = ?"
        self._harbor.database.run(statement, repository, digest)
        return web.Response(status=202)

    async def begin(self, request: web.Request) -> web.Response:
        """POST: mount from another repository, upload at once (`?digest=`), or open an upload."""
        repository = repository_of(request)
        self._harbor.admit_to_registry(request, repository, "pull", "push")
        mount, source = request.query.get("mount"), request.query.get("from")
        if mount and source and self._mountable(request, source, digests.checked(mount)):
            self._link(repository, mount)
            return self._created(request, repository, mount)
        identifier = str(uuid.uuid4())
        self._harbor.database.run("INSERT INTO upload VALUES (?, ?)", identifier, repository)
        path = self._harbor.files.upload(identifier)
        path.touch()
        if digest := request.query.get("digest"):
            await self._receive(request, path)
            return await self._keep(request, repository, identifier, digest)
        return self._accepted(request, repository, identifier, status=202)

    async def status(self, request: web.Request) -> web.Response:
        """GET of an upload: how far it came, so that a client can resume."""
        repository, identifier = self._under_way(request)
        return self._accepted(request, repository, identifier, status=204)

    async def append(self, request: web.Request) -> web.Response:
        """PATCH: a chunk in order, or one stream of unknown length."""
        repository, identifier = self._under_way(request)
        path = self._harbor.files.upload(identifier)
        announced = _CONTENT_RANGE.fullmatch(request.headers.get("Content-Range", ""))
        if announced and int(announced[1]) != path.stat().st_size:
            return self._accepted(request, repository, identifier, status=416)
        await self._receive(request, path)
        return self._accepted(request, repository, identifier, status=202)

    async def finish(self, request: web.Request) -> web.Response:
        """PUT: the last chunk, if any, and the digest that all of it must have."""
        repository, identifier = self._under_way(request)
        await self._receive(request, self._harbor.files.upload(identifier))
        return await self._keep(request, repository, identifier, request.query.get("digest", ""))

    async def cancel(self, request: web.Request) -> web.Response:
        """DELETE of an upload."""
        _, identifier = self._under_way(request)
        self._forget(identifier)
        return web.Response(status=204)

    def _under_way(self, request: web.Request) -> tuple[str, str]:
        repository = repository_of(request)
        self._harbor.admit_to_registry(request, repository, "pull", "push")
        identifier = request.match_info["upload"]
        query = "SELECT 1 FROM upload WHERE id = ? AND repository = ?"
        if self._harbor.database.row(query, identifier, repository) is None:
            raise HarborError(404, "BLOB_UPLOAD_UNKNOWN", f"blob upload unknown to registry: {identifier}")
        return repository, identifier

    async def _receive(self, request: web.Request, path: Path) -> None:
        with path.open("ab") as file:
            async for piece in request.content.iter_any():
                file.write(piece)

    async def _keep(
        self, request: web.Request, repository: str, identifier: str, digest: str
    ) -> web.Response:
        digests.checked(digest)
        path = self._harbor.files.upload(identifier)
        found = await asyncio.to_thread(digests.digest_of_file, path, digest.partition(":")[0])
        if found != digest:
            self._forget(identifier)
            raise HarborError(400, "DIGEST_INVALID", f"provided digest {digest} did not match {found}")
        self._harbor.files.keep(path, digest)
        self._link(repository, digest)
        self._forget(identifier)
        return self._created(request, repository, digest)

    def _forget(self, identifier: str) -> None:
        self._harbor.database.run("DELETE FROM upload WHERE id = ?", identifier)
        self._harbor.files.upload(identifier).unlink(missing_ok=True)

    def _mountable(self, request: web.Request, source: str, digest: str) -> bool:
        """A blob that the caller may not read in the source is uploaded, not mounted; never an error."""
        may = self._harbor.accounts.caller(request).may(source.partition("/")[0], "repository", "pull")
        return may and self._linked(source, digest)

    def _linked(self, repository: str, digest: str) -> bool:
        query = "SELECT 1 FROM blob_link WHERE repository = ? AND digest = ?"
        return self._harbor.database.row(query, repository, digest) is not None

    def _link(self, repository: str, digest: str) -> None:
        self._harbor.database.run("INSERT OR IGNORE INTO blob_link VALUES (?, ?)", repository, digest)

    def _created(self, request: web.Request, repository: str, digest: str) -> web.Response:
        location = f"{request.scheme}://{request.host}/v2/{repository}/blobs/{digest}"
        return web.Response(status=201, headers={"Location": location, "Docker-Content-Digest": digest})

    def _accepted(self, request: web.Request, repository: str, identifier: str, status: int) -> web.Response:
        size = self._harbor.files.upload(identifier).stat().st_size
        headers = {
            "Location": f"{request.scheme}://{request.host}/v2/{repository}/blobs/uploads/{identifier}",
            "Range": f"0-{max(size - 1, 0)}",
            "Docker-Upload-UUID": identifier,
        }
        return web.Response(status=status, headers=headers)

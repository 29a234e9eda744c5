"""Registry: manifests, tag lists, referrers, the catalogue (OCI distribution 1.1)."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from aiohttp import web

from sandbox.harbor import digests
from sandbox.harbor.artifacts import Artifacts
from sandbox.harbor.database import now
from sandbox.harbor.errors import HarborError, bad_request, precondition
from sandbox.harbor.gate import Harbor
from sandbox.harbor.immutability import is_immutable
from sandbox.harbor.manifest import OCI_INDEX, parse
from sandbox.harbor.names import checked_tag, repository_of

_LARGEST = 4 << 20


class Manifests:
    """Handlers of /v2/, /v2/_catalog and /v2/<name>/{manifests,tags,referrers}/…"""

    def __init__(self, harbor: Harbor, artifacts: Artifacts) -> None:
        self._harbor = harbor
        self._artifacts = artifacts

    def routes(self) -> list[web.RouteDef]:
        """The registry's calls that are not about blobs."""
        manifest = "/v2/{name:.+}/manifests/{reference}"
        return [
            web.get("/v2/", self.version),
            web.get("/v2/_catalog", self.catalog),
            web.get(manifest, self.pull),
            web.put(manifest, self.push),
            web.delete(manifest, self.delete),
            web.get("/v2/{name:.+}/tags/list", self.tags),
            web.get("/v2/{name:.+}/referrers/{digest}", self.referrers),
        ]

    async def version(self, request: web.Request) -> web.Response:
        """GET /v2/: who may log in learns that this is a registry."""
        self._harbor.admit_login(request)
        return web.json_response({})

    async def pull(self, request: web.Request) -> web.Response:
        """GET or HEAD of a manifest."""
        repository = repository_of(request)
        self._harbor.admit_to_registry(request, repository, "pull")
        artifact = self._artifacts.get(repository, request.match_info["reference"])
        headers = {
            "Docker-Content-Digest": artifact["digest"],
            "Content-Type": artifact["manifest_media_type"],
            "ETag": f'"{artifact["digest"]}"',
        }
        if request.method == "GET":
            database, present = self._harbor.database, now()
            database.run("UPDATE artifact SET pulled = ? WHERE id = ?", present, artifact["id"])
            database.run("UPDATE repository SET pulls = pulls + 1 WHERE id = ?", artifact["repository_id"])
        return web.Response(body=self._harbor.files.read(artifact["digest"]), headers=headers)

    async def push(self, request: web.Request) -> web.Response:
        """PUT of a manifest by tag or digest."""
        repository, reference = repository_of(request), request.match_info["reference"]
        self._harbor.admit_to_registry(request, repository, "pull", "push")
        content = await request.read()
        if len(content) > _LARGEST:
            raise HarborError(413, "MANIFEST_INVALID", f"a manifest may have {_LARGEST} bytes")
        by_digest = digests.is_digest(reference)
        algorithm = digests.checked(reference).partition(":")[0] if by_digest else "sha256"
        digest = digests.digest_of(content, algorithm)
        if by_digest and digest != reference:
            raise HarborError(400, "DIGEST_INVALID", f"provided digest {reference} did not match {digest}")
        manifest = parse(content, request.headers.get("Content-Type", "").split(";")[0].strip())
        if missing := self._artifacts.missing(repository, manifest):
            raise HarborError(400, "MANIFEST_BLOB_UNKNOWN", f"blob unknown to registry: {missing}")
        if not by_digest:
            self._refuse_immutable(repository, checked_tag(reference))
        self._harbor.files.put(content, algorithm)
        with self._harbor.database.together():
            self._artifacts.record(repository, digest, len(content) + sum(manifest.blobs.values()), manifest)
            if not by_digest:
                self._artifacts.tag(self._artifacts.get(repository, digest), reference)
        headers = {
            "Location": f"{request.scheme}://{request.host}/v2/{repository}/manifests/{digest}",
            "Docker-Content-Digest": digest,
        }
        if manifest.subject:
            headers["OCI-Subject"] = manifest.subject
        return web.Response(status=201, headers=headers)

    def _refuse_immutable(self, repository: str, tag: str) -> None:
        """Harbor refuses any push to an existing immutable tag, the same manifest included."""
        known = self._artifacts.find(repository, tag)
        if known and is_immutable(self._harbor.database, known["project_id"], repository, tag):
            name = f"{repository.partition('/')[2]}:{tag}"
            raise precondition(f"Failed to process request due to '{name}' configured as immutable.")

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE of a manifest by digest; a tag alone is deleted by the v2.0 call."""
        repository, reference = repository_of(request), request.match_info["reference"]
        self._harbor.admit_to_registry(request, repository, "delete")
        if not digests.is_digest(reference):
            raise HarborError(405, "UNSUPPORTED", "the operation is unsupported: delete by digest")
        artifact = self._artifacts.get(repository, digests.checked(reference))
        with self._harbor.database.together():
            self._artifacts.delete(artifact)
        return web.Response(status=202)

    async def tags(self, request: web.Request) -> web.Response:
        """GET of a repository's tags, page by page (`n`, `last`)."""
        repository = repository_of(request)
        self._harbor.admit_to_registry(request, repository, "pull")
        identifier = self._artifacts.repository(repository)["id"]
        rows = self._harbor.database.rows("SELECT name FROM tag WHERE repository_id = ?", identifier)
        page, headers = _page(request, [row["name"] for row in rows])
        return web.json_response({"name": repository, "tags": page}, headers=headers)

    async def catalog(self, request: web.Request) -> web.Response:
        """GET of all repositories, page by page; for system administrators."""
        self._harbor.admit_to_catalog(request)
        rows = self._harbor.database.rows("SELECT name FROM repository")
        page, headers = _page(request, [row["name"] for row in rows])
        return web.json_response({"repositories": page}, headers=headers)

    async def referrers(self, request: web.Request) -> web.Response:
        """GET of what is about a digest, as an image index; `artifactType` filters."""
        repository = repository_of(request)
        self._harbor.admit_to_registry(request, repository, "pull")
        digest = digests.checked(request.match_info["digest"])
        wanted = request.query.get("artifactType")
        rows = self._harbor.database.rows(
            "SELECT a.* FROM artifact a JOIN repository r ON r.id = a.repository_id"
            " WHERE r.name = ? AND a.subject = ? ORDER BY a.id",
            *(repository, digest),
        )
        descriptors = [
            {
                "mediaType": row["manifest_media_type"],
                "digest": row["digest"],
                "size": len(self._harbor.files.read(row["digest"])),
                "artifactType": row["artifact_type"],
                "annotations": json.loads(row["annotations"]),
            }
            for row in rows
            if wanted is None or row["artifact_type"] == wanted
        ]
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": descriptors}
        headers = {"Content-Type": OCI_INDEX} | ({"OCI-Filters-Applied": "artifactType"} if wanted else {})
        return web.Response(body=json.dumps(index).encode(), headers=headers)


def _page(request: web.Request, names: list[str]) -> tuple[list[str], dict[str, str]]:
    """One page of sorted names, and the Link to the next."""
    limit, last = request.query.get("n"), request.query.get("last", "")
    left = sorted(name for name in names if name > last)
    if limit is None:
        return left, {}
    if not limit.isdigit():
        raise bad_request(f"n must be a number, not {limit!r}")
    page = left[: int(limit)]
    if not page or len(page) == len(left):
        return page, {}
    following = urlencode({"n": limit, "last": page[-1]})
    return page, {"Link": f'<{request.path}?{following}>; rel="next"'}

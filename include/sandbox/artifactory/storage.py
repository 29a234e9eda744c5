"""What Artifactory knows of its content: /artifactory/api/storage, and the search by checksum."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from aiohttp import web

from sandbox.artifactory.depot import Depot
from sandbox.artifactory.errors import ArtifactoryError
from sandbox.artifactory.places import Place, place_of, properties_of
from sandbox.sqlite_file import Row

_TYPE = "application/vnd.org.jfrog.artifactory.storage."
_API = "/artifactory/api/storage"


class Storage:
    """Handlers of /api/storage and /api/search/checksum."""

    def __init__(self, depot: Depot) -> None:
        self._depot = depot

    def routes(self) -> list[web.RouteDef]:
        """The storage calls."""
        path = _API + "/{place:.+}"
        return [
            web.get(path, self.info),
            web.put(path, self.set_properties),
            web.delete(path, self.unset_properties),
            web.get("/artifactory/api/search/checksum", self.search),
        ]

    async def info(self, request: web.Request) -> web.Response:
        """GET of a file or folder: its facts, `?properties`, or `?list`."""
        place = _place(request)
        self._depot.admit(request, "read", place)
        if "properties" in request.query:
            return self._properties(request, place)
        if "list" in request.query:
            return self._listing(request, place)
        row = self._depot.records.node(place.repo, place.path)
        if row is not None:
            return _json(file_view(request, place, row), "FileInfo")
        return _json(self._folder_view(request, place), "FolderInfo")

    def _properties(self, request: web.Request, place: Place) -> web.Response:
        self._depot.file(place)
        found = self._depot.records.properties(place.repo, place.path)
        wanted = [name for name in request.query["properties"].split(",") if name]
        kept = {name: found[name] for name in wanted or found if name in found}
        if not kept:
            raise ArtifactoryError(404, "No properties could be found.")
        body = {"properties": kept, "uri": _uri(request, _API, place)}
        return _json(body, "ItemProperties")

    def _listing(self, request: web.Request, place: Place) -> web.Response:
        rows = self._below(place)
        deep = request.query.get("deep") == "1"
        files = []
        for row in rows:
            rest = row["path"][len(place.path) :].strip("/")
            if deep or "/" not in rest:
                entry = {"uri": f"/{rest}", "size": row["size"], "lastModified": row["modified"]}
                files.append(entry | {"folder": False, "sha1": row["sha1"], "sha2": row["sha256"]})
        body = {"uri": _uri(request, _API, place), "created": rows[0]["created"], "files": files}
        return _json(body, "FileList")

    def _folder_view(self, request: web.Request, place: Place) -> dict[str, Any]:
        rows = self._depot.records.under(place.repo, place.path) if not place.path else self._below(place)
        children = {}
        for row in rows:
            child, slash, _ = row["path"][len(place.path) :].strip("/").partition("/")
            children[child] = {"uri": f"/{child}", "folder": bool(slash)}
        times = {}
        if rows:
            latest = max(row["modified"] for row in rows)
            times = {"created": min(row["created"] for row in rows), "lastModified": latest}
            times["lastUpdated"] = latest
        about = {"repo": place.repo, "path": f"/{place.path}", **times}
        uri = _uri(request, _API, place)
        return about | {"children": [children[name] for name in sorted(children)], "uri": uri}

    def _below(self, place: Place) -> list[Row]:
        rows = self._depot.records.under(place.repo, place.path)
        if not rows:
            raise ArtifactoryError(404, f"Unable to find item '{place}'")
        return rows

    async def set_properties(self, request: web.Request) -> web.Response:
        """PUT ?properties=a=1,2;b=3: 204."""
        place = _place(request)
        user = self._depot.admit(request, "deploy", place)
        if "properties" not in request.query:
            raise ArtifactoryError(501, f"the stand-in does not serve PUT {request.path_qs}")
        properties = properties_of(request.query["properties"])
        self._depot.require(user, "deploy", place)
        self._depot.file(place)
        with self._depot.records.together():
            self._depot.records.set_properties(place.repo, place.path, properties)
        return web.Response(status=204)

    async def unset_properties(self, request: web.Request) -> web.Response:
        """DELETE ?properties=a,b: 204."""
        place = _place(request)
        self._depot.admit(request, "deploy", place)
        self._depot.file(place)
        names = request.query.get("properties", "").split(",")
        with self._depot.records.together():
            self._depot.records.unset_properties(place.repo, place.path, names)
        return web.Response(status=204)

    async def search(self, request: web.Request) -> web.Response:
        """GET ?sha256= (or sha1, md5), `repos` narrows: where this content lies."""
        user = self._depot.access.user(request)
        algorithm = next((a for a in ("sha256", "sha1", "md5") if a in request.query), None)
        if algorithm is None:
            raise ArtifactoryError(400, "one of the parameters sha256, sha1, md5 is needed")
        sums = self._depot.records.content(algorithm, request.query[algorithm])
        repos = [name for name in request.query.get("repos", "").split(",") if name]
        places = (
            [Place(row["repo"], row["path"]) for row in self._depot.records.holding(sums.sha256)]
            if sums
            else []
        )
        results = [
            {"uri": _uri(request, _API, place)}
            for place in places
            if user.may("read", place.repo) and (not repos or place.repo in repos)
        ]
        return web.json_response({"results": results})


def created_view(request: web.Request, place: Place, row: Row) -> web.Response:
    """The answer to a deployment: 201 with the file's facts."""
    shown = file_view(request, place, row)
    response = _json(shown, "ItemCreated", status=201)
    response.headers["Location"] = shown["downloadUri"]
    return response


def file_view(request: web.Request, place: Place, row: Row) -> dict[str, Any]:
    """A file's facts; the size is a string, as Artifactory has it."""
    sums = {name: row[name] for name in ("sha1", "md5", "sha256")}
    return {
        "repo": place.repo,
        "path": f"/{place.path}",
        "created": row["created"],
        "createdBy": row["created_by"],
        "lastModified": row["modified"],
        "modifiedBy": row["modified_by"],
        "lastUpdated": row["modified"],
        "downloadUri": _uri(request, "/artifactory", place),
        "mimeType": row["mime"].partition(";")[0],
        "size": str(row["size"]),
        "checksums": sums,
        "originalChecksums": sums,
        "uri": _uri(request, _API, place),
    }


def _place(request: web.Request) -> Place:
    return place_of(request.rel_url.raw_path.removeprefix(f"{_API}/"))


def _uri(request: web.Request, base: str, place: Place) -> str:
    return f"{request.scheme}://{request.host}{base}/{quote(place.url_path)}"


def _json(body: dict[str, Any], kind: str, status: int = 200) -> web.Response:
    return web.json_response(body, status=status, content_type=f"{_TYPE}{kind}+json")

"""Deploying, fetching and deleting files: /artifactory/<repo>/<path>."""

from __future__ import annotations

import html
import mimetypes
from collections.abc import Iterable
from urllib.parse import quote

from aiohttp import web

from sandbox.artifactory.checksum_store import Checksums
from sandbox.artifactory.depot import Depot
from sandbox.artifactory.errors import ArtifactoryError
from sandbox.artifactory.places import Place, place_and_properties, place_of
from sandbox.artifactory.storage import created_view
from sandbox.sqlite_file import Row

_HEADERS = {"sha256": "X-Checksum-Sha256", "sha1": "X-Checksum-Sha1", "md5": "X-Checksum-Md5"}


class Files:
    """Handlers of the file calls; HEAD is GET without a body."""

    def __init__(self, depot: Depot) -> None:
        self._depot = depot

    def routes(self) -> list[web.RouteDef]:
        """The file calls: whatever is not below /api."""
        path = "/artifactory/{place:(?!api/).+}"
        return [web.put(path, self.deploy), web.get(path, self.fetch), web.delete(path, self.delete)]

    async def deploy(self, request: web.Request) -> web.Response:
        """PUT: content verified by the checksums given, or known content by checksum alone."""
        place, properties = place_and_properties(_raw(request))
        user = self._depot.admit(request, "deploy", place)
        if not place.path or request.rel_url.raw_path.endswith("/"):
            raise ArtifactoryError(501, f"the stand-in deploys files, not folders: PUT {request.path}")
        given = {a: request.headers[h].lower() for a, h in _HEADERS.items() if h in request.headers}
        if request.headers.get("X-Checksum-Deploy", "").lower() == "true":
            sums = self._known(given)
            self._depot.require_deploy(user, place, sums.sha256)
        else:
            incoming, sums = await self._depot.store.receive(request.content.iter_any())
            try:
                _verify(given, sums)
                self._depot.require_deploy(user, place, sums.sha256)
            except ArtifactoryError:
                self._depot.store.discard(incoming)
                raise
            self._depot.store.keep(incoming, sums)
        with self._depot.records.together():
            self._depot.records.put(place.repo, place.path, sums, _mime(request, place), user.name)
            self._depot.records.set_properties(place.repo, place.path, properties)
        return created_view(request, place, self._depot.file(place))

    def _known(self, given: dict[str, str]) -> Checksums:
        if not given:
            raise ArtifactoryError(400, "Checksum deploy failed. Checksum headers are missing.")
        for algorithm, value in given.items():
            sums = self._depot.records.content(algorithm, value)
            if sums is not None:
                _verify(given, sums)
                return sums
        message = f"Checksum deploy failed. No existing file with {', '.join(map('='.join, given.items()))}"
        raise ArtifactoryError(404, message)

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        """GET or HEAD of a file, ranges included; of a folder a page for people."""
        place = place_of(_raw(request))
        self._depot.admit(request, "read", place)
        row = self._depot.records.node(place.repo, place.path)
        if row is None:
            return self._folder(request, place)
        name = quote(place.path.rpartition("/")[2])
        headers = {h: row[a] for a, h in _HEADERS.items()}
        headers |= {"Content-Type": row["mime"], "X-Artifactory-Filename": name}
        if place.repo != "reports-local":  # reports are for reading in the browser, the rest for saving
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        response = web.FileResponse(self._depot.store.path(row["sha256"]), headers=headers)
        response.etag = row["sha1"]
        return response

    def _folder(self, request: web.Request, place: Place) -> web.Response:
        rows = self._depot.records.under(place.repo, place.path)
        if not rows and place.path:
            raise ArtifactoryError(404, f"File not found: '{place}'")
        if not request.rel_url.raw_path.endswith("/"):
            raise web.HTTPFound(request.rel_url.raw_path + "/")
        title = html.escape(f"Index of {place.url_path}")
        page = (
            f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>"
            f"<table>{''.join(_lines(place, rows))}</table>"
        )
        return web.Response(text=page, content_type="text/html")

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE of a file, or of a folder with all below it."""
        place = place_of(_raw(request))
        self._depot.admit(request, "delete", place)
        records = self._depot.records
        paths = [row["path"] for row in records.under(place.repo, place.path)] if place.path else []
        if records.node(place.repo, place.path):
            paths.append(place.path)
        if not paths:
            raise ArtifactoryError(404, f"Could not locate artifact '{place}' (Nothing to delete).")
        with records.together():
            for path in paths:
                records.remove(place.repo, path)
        return web.Response(status=204)


def _raw(request: web.Request) -> str:
    return request.rel_url.raw_path.removeprefix("/artifactory/")


def _verify(given: dict[str, str], sums: Checksums) -> None:
    for algorithm, expected in given.items():
        actual = getattr(sums, algorithm)
        if expected != actual:
            message = f"Checksum policy rejected deploy: {algorithm} received '{expected}' but is '{actual}'"
            raise ArtifactoryError(409, message)


def _mime(request: web.Request, place: Place) -> str:
    """By the file's name, as Artifactory does; what the client says decides only for unknown names."""
    guessed, encoding = mimetypes.guess_type(place.path)
    if encoding == "gzip":
        return "application/x-gzip"
    if guessed is None:
        return request.headers.get("Content-Type", "application/octet-stream").partition(";")[0]
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed


def _lines(folder: Place, rows: Iterable[Row]) -> list[str]:
    """A table row for each child of a folder, folders first known by their slash."""
    seen: dict[str, str] = {}
    for row in rows:
        rest = row["path"][len(folder.path) :].strip("/")
        child, slash, _ = rest.partition("/")
        about = "" if slash else f"<td>{row['size']}<td>{html.escape(row['modified'])}<td>{row['sha256']}"
        seen[child + slash] = (
            f'<tr><td><a href="{quote(child)}{slash}">{html.escape(child)}{slash}</a>{about}'
        )
    return [seen[name] for name in sorted(seen)]

"""Builds: publish their information, read it, promote their artifacts."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from sandbox.artifactory.copying import Copying
from sandbox.artifactory.depot import Depot
from sandbox.artifactory.errors import ArtifactoryError, CopyError
from sandbox.artifactory.places import Place, place_of
from sandbox.artifactory.records import now
from sandbox.sqlite_file import Row

_API = "/artifactory/api/build"


class Builds:
    """Handlers of /api/build."""

    def __init__(self, depot: Depot, copying: Copying) -> None:
        self._depot = depot
        self._copying = copying

    def routes(self) -> list[web.RouteDef]:
        """The build calls."""
        return [
            web.put(_API, self.publish),
            web.get(_API, self.names),
            web.get(_API + "/{name}", self.numbers),
            web.get(_API + "/{name}/{number}", self.get),
            web.post(_API + "/promote/{name}/{number}", self.promote),
        ]

    async def publish(self, request: web.Request) -> web.Response:
        """PUT of build information: 204."""
        user = self._depot.access.user(request)
        if not user.may("deploy", "trading-dev-local"):
            raise ArtifactoryError(403, f"User '{user.name}' may not publish builds")
        body = await _object(request)
        missing = [key for key in ("name", "number", "started") if not body.get(key)]
        if missing:
            raise ArtifactoryError(400, f"build information lacks {', '.join(missing)}")
        self._depot.records.put_build(body["name"], str(body["number"]), body["started"], json.dumps(body))
        return web.Response(status=204)

    async def names(self, request: web.Request) -> web.Response:
        """GET of all builds' names, each with its last start."""
        self._depot.access.user(request)
        latest: dict[str, str] = {}
        for row in self._depot.records.builds():
            latest.setdefault(row["name"], row["started"])
        shown = [{"uri": f"/{name}", "lastStarted": at} for name, at in latest.items()]
        return web.json_response({"uri": _uri(request), "builds": shown})

    async def numbers(self, request: web.Request) -> web.Response:
        """GET of a build's numbers, newest first."""
        self._depot.access.user(request)
        name = request.match_info["name"]
        rows = [row for row in self._depot.records.builds() if row["name"] == name]
        if not rows:
            raise ArtifactoryError(404, f"No build was found for build name: {name}")
        shown = [{"uri": f"/{row['number']}", "started": row["started"]} for row in rows]
        return web.json_response({"uri": _uri(request), "buildsNumbers": shown})

    async def get(self, request: web.Request) -> web.Response:
        """GET of one build's information."""
        self._depot.access.user(request)
        row = self._found(request)
        return web.json_response({"uri": _uri(request), "buildInfo": json.loads(row["body"])})

    async def promote(self, request: web.Request) -> web.Response:
        """POST: copy or move the build's artifacts from `sourceRepo` to `targetRepo`, and note the status."""
        user = self._depot.access.user(request)
        row = self._found(request)
        wish, info = await _object(request), json.loads(row["body"])
        dry = bool(wish.get("dryRun", False))
        try:
            pairs = self._artifacts(info, wish) if wish.get("targetRepo") else []
            self._copying.carry(user, pairs, moving=not wish.get("copy", False), dry=dry)
        except ArtifactoryError as error:
            raise CopyError(error.status, error.message) from error
        if not dry:
            with self._depot.records.together():
                for _, place in pairs:
                    properties = {k: [str(x) for x in v] for k, v in wish.get("properties", {}).items()}
                    kept = self._depot.records.properties(place.repo, place.path)
                    self._depot.records.set_properties(place.repo, place.path, kept | properties)
                self._note(row, info, wish, user.name)
        message = f"promoted {len(pairs)} artifacts of build {row['name']}/{row['number']}"
        return web.json_response({"messages": [{"level": "INFO", "message": message}]})

    def _artifacts(self, info: dict[str, Any], wish: dict[str, Any]) -> list[tuple[Row, Place]]:
        """The build's artifacts as they lie in the source repository, each with its place in the target."""
        target, source = place_of(wish["targetRepo"]), wish.get("sourceRepo")
        pairs: list[tuple[Row, Place]] = []
        for artifact in (a for module in info.get("modules", []) for a in module.get("artifacts", [])):
            algorithm = next((a for a in ("sha256", "sha1", "md5") if artifact.get(a)), None)
            sums = self._depot.records.content(algorithm, artifact[algorithm]) if algorithm else None
            rows = self._depot.records.holding(sums.sha256) if sums else []
            found = [row for row in rows if source is None or row["repo"] == source]
            if not found:
                raise ArtifactoryError(404, f"Unable to find artifact {artifact.get('name')!r} of the build")
            pairs.append((found[0], Place(target.repo, found[0]["path"])))
        return pairs

    def _note(self, row: Row, info: dict[str, Any], wish: dict[str, Any], user: str) -> None:
        status = {
            "status": wish.get("status", ""),
            "comment": wish.get("comment", ""),
            "repository": wish.get("targetRepo", ""),
            "timestamp": wish.get("timestamp") or now(),
            "user": user,
            "ciUser": wish.get("ciUser", ""),
        }
        info["statuses"] = [*info.get("statuses", []), status]
        self._depot.records.put_build(row["name"], row["number"], row["started"], json.dumps(info))

    def _found(self, request: web.Request) -> Row:
        name, number = request.match_info["name"], request.match_info["number"]
        row = self._depot.records.build(name, number)
        if row is None:
            raise ArtifactoryError(404, f"No build was found for build name: {name}, build number: {number}")
        return row


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise ArtifactoryError(400, f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise ArtifactoryError(400, "the body must be a JSON object")
    return body


def _uri(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}{request.path}"

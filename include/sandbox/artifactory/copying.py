"""Copy and move within and between repositories; no content moves. With `dry=1` nothing changes."""

from __future__ import annotations

from aiohttp import web

from sandbox.artifactory.access import User
from sandbox.artifactory.checksum_store import Checksums
from sandbox.artifactory.depot import Depot
from sandbox.artifactory.errors import ArtifactoryError, CopyError
from sandbox.artifactory.places import Place, place_of
from sandbox.sqlite_file import Row


class Copying:
    """Handlers of /api/copy and /api/move."""

    def __init__(self, depot: Depot) -> None:
        self._depot = depot

    def routes(self) -> list[web.RouteDef]:
        """The two calls."""
        return [
            web.post("/artifactory/api/copy/{place:.+}", self.copy),
            web.post("/artifactory/api/move/{place:.+}", self.move),
        ]

    async def copy(self, request: web.Request) -> web.Response:
        """POST /api/copy/<from>?to=/<repo>/<path>."""
        return self._carry(request, "/artifactory/api/copy/", moving=False)

    async def move(self, request: web.Request) -> web.Response:
        """POST /api/move/<from>?to=/<repo>/<path>."""
        return self._carry(request, "/artifactory/api/move/", moving=True)

    def _carry(self, request: web.Request, prefix: str, *, moving: bool) -> web.Response:
        user = self._depot.access.user(request)
        dry = request.query.get("dry") == "1"
        try:
            source = place_of(request.rel_url.raw_path.removeprefix(prefix))
            target = place_of(request.query.get("to", ""))
            pairs = self._pairs(user, source, target)
            self.carry(user, pairs, moving=moving, dry=dry)
        except ArtifactoryError as error:
            raise CopyError(error.status, error.message) from error
        deed, done = ("moving", "moved") if moving else ("copying", "copied")
        how = "Dry Run for " if dry else ""
        message = (
            f"{how}{deed} {source} to {target} completed successfully,"
            f" {len(pairs)} artifacts and 0 folders were {done}"
        )
        return web.json_response({"messages": [{"level": "INFO", "message": message}]})

    def _pairs(self, user: User, source: Place, target: Place) -> list[tuple[Row, Place]]:
        """Each file with its new place; into an existing folder a file goes under its own name."""
        self._depot.require(user, "read", source)
        records = self._depot.records
        file = records.node(source.repo, source.path)
        if file is not None:
            if records.node(target.repo, target.path) is None and (
                not target.path or records.under(target.repo, target.path)
            ):
                name = source.path.rpartition("/")[2]
                target = Place(target.repo, f"{target.path}/{name}".strip("/"))
            return [(file, target)]
        rows = records.under(source.repo, source.path)
        if not rows:
            raise ArtifactoryError(404, f"Could not find artifact {source}")
        return [(row, Place(row["repo"], row["path"]).inside(source, target)) for row in rows]

    def carry(self, user: User, pairs: list[tuple[Row, Place]], *, moving: bool, dry: bool) -> None:
        """Copy or move files with their properties: all of them or none."""
        for row, target in pairs:
            self._depot.require_deploy(user, target, row["sha256"])
            if moving:
                self._depot.require(user, "delete", Place(row["repo"], row["path"]))
        if dry:
            return
        records = self._depot.records
        with records.together():
            for row, target in pairs:
                if (row["repo"], row["path"]) == (target.repo, target.path):
                    continue
                properties = records.properties(row["repo"], row["path"])
                sums = Checksums(row["sha256"], row["sha1"], row["md5"], row["size"])
                records.put(target.repo, target.path, sums, row["mime"], user.name)
                records.set_properties(target.repo, target.path, properties)
                if moving:
                    records.remove(row["repo"], row["path"])

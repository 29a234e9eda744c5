"""The whole of Artifactory on one port, under /artifactory."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.access_log import AccessLog
from sandbox.artifactory.access import REPOSITORIES, Access
from sandbox.artifactory.builds import Builds
from sandbox.artifactory.checksum_store import ChecksumStore
from sandbox.artifactory.copying import Copying
from sandbox.artifactory.depot import Depot
from sandbox.artifactory.errors import ArtifactoryError
from sandbox.artifactory.files import Files
from sandbox.artifactory.records import Records
from sandbox.artifactory.storage import Storage
from sandbox.world import World

VERSION = "7.111.0-sandbox"


def application(world: World) -> web.Application:
    """Artifactory over the state in its folder."""
    folder = world.folder("artifactory")
    records = Records(folder / "artifactory.sqlite")
    depot = Depot(records, ChecksumStore(folder), Access(world.secret))
    copying = Copying(depot)
    log = AccessLog(folder)
    app = web.Application(middlewares=[log.middleware, _answered], client_max_size=8 << 20)
    app.add_routes(_System(depot).routes())
    app.add_routes(Storage(depot).routes())
    app.add_routes(copying.routes())
    app.add_routes(Builds(depot, copying).routes())
    app.add_routes(Files(depot).routes())

    async def close(_: web.Application) -> None:
        records.close()
        log.close()

    app.on_cleanup.append(close)
    return app


class _System:
    """Calls about Artifactory itself."""

    def __init__(self, depot: Depot) -> None:
        self._depot = depot

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/artifactory/api/system/ping", self.ping),
            web.get("/artifactory/api/system/version", self.version),
            web.get("/artifactory/api/repositories", self.repositories),
        ]

    async def ping(self, _: web.Request) -> web.Response:
        """GET, for everybody: OK."""
        self._depot.records.builds()
        return web.Response(text="OK")

    async def version(self, request: web.Request) -> web.Response:
        """GET of the version."""
        self._depot.access.user(request)
        return web.json_response({"version": VERSION, "revision": "0", "addons": [], "license": "sandbox"})

    async def repositories(self, request: web.Request) -> web.Response:
        """GET of the repositories."""
        self._depot.access.user(request)
        base = f"{request.scheme}://{request.host}/artifactory"
        about = {"type": "LOCAL", "packageType": "Generic"}
        return web.json_response([{"key": r, "url": f"{base}/{r}", **about} for r in REPOSITORIES])


@web.middleware
async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals in Artifactory's shape; calls that the stand-in does not know are 501 and named."""
    try:
        return await handler(request)
    except ArtifactoryError as error:
        return error.response()
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        message = f"the stand-in does not serve {request.method} {request.path}"
        return ArtifactoryError(501, message).response()

"""The whole of Harbor on one port: registry, token service, v2.0 API, pages."""

from __future__ import annotations

import uuid

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.access_log import AccessLog
from sandbox.harbor.accounts import Accounts
from sandbox.harbor.artifact_calls import ArtifactCalls
from sandbox.harbor.artifact_view import ArtifactView
from sandbox.harbor.artifacts import Artifacts
from sandbox.harbor.blob_files import BlobFiles
from sandbox.harbor.database import Database
from sandbox.harbor.errors import HarborError
from sandbox.harbor.gate import Harbor
from sandbox.harbor.immutable_rules import ImmutableRules
from sandbox.harbor.labels import Labels
from sandbox.harbor.pages import Pages
from sandbox.harbor.permissions import PROJECTS
from sandbox.harbor.projects import Projects, insert_project
from sandbox.harbor.quotas import Quotas
from sandbox.harbor.registry_blobs import Blobs
from sandbox.harbor.registry_manifests import Manifests
from sandbox.harbor.robots import Robots
from sandbox.harbor.scans import Scans
from sandbox.harbor.system import System
from sandbox.world import World


def application(world: World) -> web.Application:
    """Harbor over the state in its folder; the projects of this world exist from the first start."""
    folder = world.folder("harbor")
    database = Database(folder / "harbor.sqlite")
    for name in PROJECTS:
        if database.row("SELECT 1 FROM project WHERE name = ?", name) is None:
            insert_project(database, name, "administrator", {"public": "false", "auto_scan": "false"})
    harbor = Harbor(database, BlobFiles(folder), Accounts(database, world.secret))
    artifacts = Artifacts(database, harbor.files)
    projects = Projects(harbor)
    view = ArtifactView(database, harbor.files, artifacts)
    log = AccessLog(folder)
    app = web.Application(middlewares=[log.middleware, _identified, _answered], client_max_size=8 << 20)
    for part in (
        System(harbor),
        Manifests(harbor, artifacts),
        Blobs(harbor),
        projects,
        ImmutableRules(harbor, projects),
        Robots(harbor),
        Quotas(harbor),
        ArtifactCalls(harbor, artifacts, view),
        Scans(harbor, artifacts),
        Labels(harbor, artifacts),
        Pages(harbor, artifacts, view),
    ):
        app.add_routes(part.routes())

    async def close(_: web.Application) -> None:
        database.close()
        log.close()

    app.on_cleanup.append(close)
    return app


@web.middleware
async def _identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer carries a request id, the registry's its API version."""
    response = await handler(request)
    response.headers["X-Request-Id"] = request.headers.get("X-Request-Id") or str(uuid.uuid4())
    if request.path.startswith("/v2/"):
        response.headers["Docker-Distribution-Api-Version"] = "registry/2.0"
    return response


@web.middleware
async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals in Harbor's shape; calls that the stand-in does not know are 501 and named."""
    try:
        return await handler(request)
    except HarborError as error:
        response = error.response()
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        message = f"the stand-in does not serve {request.method} {request.path}"
        response = HarborError(501, "NOT_IMPLEMENTED", message).response()
    return response

"""The portal and the configuration service: two applications over one state."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.access_log import AccessLog
from sandbox.apollo.access_keys import AccessKeys
from sandbox.apollo.announcements import POLL_SECONDS, Announcements
from sandbox.apollo.app_clusters import AppClusters
from sandbox.apollo.apps import Apps
from sandbox.apollo.config_service import ConfigService
from sandbox.apollo.consumers import Consumers
from sandbox.apollo.errors import ApolloError
from sandbox.apollo.items import Items
from sandbox.apollo.page import Page
from sandbox.apollo.portal import Portal
from sandbox.apollo.records import Records
from sandbox.apollo.releases import Releases
from sandbox.world import World


def applications(world: World, poll_seconds: float = POLL_SECONDS) -> tuple[web.Application, web.Application]:
    """Portal and configuration service; services stop in reverse order, so the portal closes the state."""
    folder = world.folder("apollo")
    records = Records(folder / "apollo.sqlite")
    portal = Portal(records, Consumers(world.secret), Announcements(records))
    log = AccessLog(folder)
    pages = web.Application(middlewares=[log.middleware, _answered])
    parts = (Apps, AppClusters, Items, Releases, AccessKeys, Page)
    for part in parts:
        pages.add_routes(part(portal).routes())
    service = web.Application(middlewares=[log.middleware, _answered])
    service.add_routes(ConfigService(portal, poll_seconds).routes())

    async def hang_up(_: web.Application) -> None:
        portal.announcements.close()

    async def close(_: web.Application) -> None:
        records.close()
        log.close()

    service.on_shutdown.append(hang_up)
    pages.on_cleanup.append(close)
    return pages, service


@web.middleware
async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals in Apollo's shape; calls that the stand-in does not know are 501 and named."""
    try:
        return await handler(request)
    except ApolloError as error:
        return error.response()
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        message = f"the stand-in does not serve {request.method} {request.path}"
        return ApolloError(501, message).response()

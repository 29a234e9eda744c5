"""The HTTP application: git, REST, pages; refusals in GitLab's shape, every unknown call named with 501."""

from __future__ import annotations

import logging
import time
from logging.handlers import RotatingFileHandler

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.faults.layer import FAULT
from sandbox.gitlab import smart_http
from sandbox.gitlab.api import (
    commits,
    files,
    hooks,
    merge_requests,
    people,
    pipelines,
    projects,
    repository,
    variables,
)
from sandbox.gitlab.errors import ApiError
from sandbox.gitlab.git import GitError
from sandbox.gitlab.pages import routes as pages
from sandbox.gitlab.site import SITE, Site
from sandbox.gitlab.writing import MovedError


def application(site: Site) -> web.Application:
    """Routes and middlewares around one site."""
    app = web.Application(middlewares=[_logged(site), _refusals], client_max_size=64 * 1024 * 1024)
    app[SITE] = site
    for part in (people, projects, repository, commits, files, merge_requests, pipelines, hooks, variables):
        app.add_routes(part.routes())
    app.router.add_route("*", "/api/{call:.*}", _unknown)
    app.add_routes(smart_http.routes())
    app.add_routes(pages.routes())
    return app


def not_served(request: web.Request, why: str = "") -> web.Response:
    """501 naming the call."""
    text = f"501 {request.method} {request.rel_url.raw_path} is not served by this stand-in"
    return web.json_response({"message": f"{text}: {why}" if why else text}, status=501)


async def _unknown(request: web.Request) -> web.Response:
    return not_served(request)


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into GitLab's answers."""
    try:
        return await handler(request)
    except ApiError as error:
        return web.json_response(error.body, status=error.status)
    except (web.HTTPNotImplemented, web.HTTPMethodNotAllowed) as error:
        return not_served(request, error.reason if error.status == 501 else "")
    except MovedError as error:
        return web.json_response({"message": str(error)}, status=409)
    except GitError as error:
        logging.getLogger("sandbox.gitlab").exception("git failed for %s %s", request.method, request.path)
        return web.json_response({"message": f"500 Internal Server Error: {error}"}, status=500)


def _logged(site: Site) -> Middleware:
    log = logging.Logger("sandbox.gitlab.access")
    log.addHandler(
        RotatingFileHandler(site.folder / "access.log", maxBytes=5_000_000, backupCount=1, delay=True)
    )

    @web.middleware
    async def logged(request: web.Request, handler: Handler) -> web.StreamResponse:
        begin = time.monotonic()
        status = 500
        try:
            response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            milliseconds = (time.monotonic() - begin) * 1000
            struck = f" fault {request[FAULT]}" if FAULT in request else ""
            path = request.rel_url.raw_path_qs
            log.info("%s %s %s %.0f ms%s", request.method, path, status, milliseconds, struck)

    return logged

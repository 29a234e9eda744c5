"""The application: our routes first, jira820's behind them, and a 501 for what neither serves."""

from __future__ import annotations

import logging
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from jira820 import server_read, server_write
from jira820.store import JiraError
from starlette.types import ASGIApp

from sandbox.jira import identity, links, page, projects, reading
from sandbox.jira.cloud import issues, search, site
from sandbox.jira.guard import Guard, refusal
from sandbox.jira.hooks import Webhooks
from sandbox.jira.store import JiraStore
from sandbox.jira.workplace import configuration
from sandbox.world import ACCOUNTS, World


def make_jira(world: World) -> ASGIApp:
    """Jira with its state in the world's folder and its passwords from the world's secrets."""
    folder = world.folder("jira")
    _log_accesses_to(folder / "access.log")
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    store = app.state.store = JiraStore(configuration(folder / "state.json"))
    store.told = Webhooks(
        folder / "webhooks.json",
        lambda key: store.serializer.issue_res(store.get_issue(key), world.url("jira"), "summary,status"),
        store.serializer.user_obj,
    ).tell
    for prefix in links.SERVED_AT:
        app.include_router(links.router, prefix=prefix)
    for router in (
        identity.router,
        projects.router,
        reading.router,
        page.router,
        issues.router,
        search.router,
        site.router,
        server_read.router,
        server_write.router,
    ):
        app.include_router(router)
    app.add_exception_handler(JiraError, _jira_error)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(404, _not_served)
    app.add_exception_handler(405, _not_served)
    passwords = {name: world.secret(f"jira.{name}") for name in ACCOUNTS}
    tokens = {name: world.secret(f"jira.cloud.{name}") for name in ACCOUNTS}
    return Guard(app, passwords, tokens)


async def _jira_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, JiraError)
    return JSONResponse(error.body(), error.status_code)


async def _malformed(request: Request, _error: Exception) -> JSONResponse:
    return refusal(400, f"{request.method} {request.url.path}: the body is not what this call takes.")


async def _not_served(request: Request, _error: Exception) -> JSONResponse:
    return refusal(501, f"The sandbox's Jira does not serve {request.method} {request.url.path}.")


def _log_accesses_to(path: Path) -> None:
    log = logging.getLogger("sandbox.jira.access")
    for old in list(log.handlers):
        log.removeHandler(old)
        old.close()
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False

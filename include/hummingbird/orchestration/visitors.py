"""Airflow's side of the pages: who is signed in and may read, and where the ledger is."""

from __future__ import annotations

from typing import Any

from airflow.configuration import conf
from airflow.sdk import Connection

from hummingbird.core.errors import NotFound
from hummingbird.core.visitor import NotAllowed, SignInNeeded, Visitor

READER = "ledger_reader"
"""The Airflow connection that leads to the ledger."""


def base_path() -> str:
    """The path of Airflow's own address, such as `/airflow`; mostly empty."""
    from urllib.parse import urlsplit

    return str(urlsplit(conf.get("api", "base_url", fallback="")).path).rstrip("/")


def ledger_dsn() -> str:
    """The reader's DSN; a host that begins with `/` is a folder with a socket."""
    from airflow.exceptions import AirflowNotFoundException
    from sqlalchemy import URL

    try:
        found = Connection.get(READER)
    except AirflowNotFoundException as error:
        raise NotFound(
            f"Airflow has no connection {READER}; add it (docs/production.md, Connections)"
        ) from error
    query = {name: str(value) for name, value in found.extra_dejson.items() if isinstance(value, str | int)}
    host = found.host or None
    if host and host.startswith("/"):
        query["host"], host = host, None
    url = URL.create(
        "postgresql", found.login, found.password, host, found.port, found.schema or "ledger", query
    )
    return url.render_as_string(hide_password=False)


async def admit(request: Any) -> Visitor:
    """The signed-in person of Airflow who may read plugins' pages; else SignInNeeded or NotAllowed."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
    from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
    from fastapi import HTTPException
    from starlette.concurrency import run_in_threadpool

    manager = get_auth_manager()
    try:
        user = await get_user(request, None, await bearer_scheme(request))
    except HTTPException as error:
        raise SignInNeeded(manager.get_url_login(next_url=_comes_back(request))) from error
    allowed = await run_in_threadpool(manager.is_authorized_view, access_view=AccessView.PLUGINS, user=user)
    if not allowed:
        raise NotAllowed(
            f"{user.get_name()} may not read these pages: the account's role lacks `can_read` on Plugins"
        )
    return Visitor(name=user.get_name())


def _comes_back(request: Any) -> str:
    """The page that was asked for, below Airflow's configured address: no header decides where people go."""
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    path = str(request.url.path).removeprefix(base_path())
    return f"{base}{path}" + (f"?{request.url.query}" if request.url.query else "")

"""Who is asking, who works here, and what this server is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from jira820.store import JiraError

from sandbox.jira.acting import ACTING

router = APIRouter(prefix="/rest/api/2")


@router.get("/myself")
def myself(request: Request) -> dict[str, Any]:
    """The account that authenticated."""
    return _account(request, ACTING.get())


@router.get("/user")
def user(request: Request, username: str = "", key: str = "") -> dict[str, Any]:
    """One account; unknown ones are an error, as in Jira."""
    return _account(request, username or key)


@router.get("/serverInfo")
def server_info(request: Request) -> dict[str, Any]:
    """Version and time; the title says that this is no Jira."""
    return {
        "baseUrl": str(request.base_url).rstrip("/"),
        "version": "8.20.8",
        "versionNumbers": [8, 20, 8],
        "deploymentType": "Server",
        "buildNumber": 820008,
        "serverTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "serverTitle": "Jira (sandbox stand-in, jira820)",
    }


def _account(request: Request, name: str) -> dict[str, Any]:
    store = request.app.state.store
    if name not in store.users:
        raise JiraError(404, f"The user named '{name}' does not exist")
    return {**store.serializer.user_obj(name), "deleted": False, "locale": "zh_CN"}

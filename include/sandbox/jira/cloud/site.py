"""Who is asking, who works here, and what this site is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request

from sandbox.jira.acting import ACTING
from sandbox.jira.cloud.accounts import account, name_of
from sandbox.jira.cloud.views import base_of, clouded
from sandbox.jira.projects import project

router = APIRouter(prefix="/rest/api/3")
Json = dict[str, Any]


@router.get("/myself")
def myself(request: Request) -> Json:
    """The account that authenticated."""
    return {**account(ACTING.get(), base_of(request)), "locale": "zh_CN"}


@router.get("/user")
def user(request: Request, accountId: str = "") -> Json:  # noqa: N803  # Jira's name
    """One account by its id."""
    return {**account(name_of(accountId), base_of(request)), "locale": "zh_CN"}


@router.get("/serverInfo")
def server_info(request: Request) -> Json:
    """Version and time; the title says that this is no Jira."""
    base = base_of(request)
    return {
        "baseUrl": base,
        "displayUrl": base,
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100291,
        "serverTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "serverTitle": "Jira (sandbox stand-in, jira820)",
    }


@router.get("/project/{key}")
def one_project(key: str, request: Request) -> Json:
    """One project with its issue types and versions."""
    found: Json = clouded(project(key, request), base_of(request))
    return {**found, "simplified": False, "style": "classic", "isPrivate": False}

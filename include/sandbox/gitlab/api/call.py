"""One authenticated REST call: who asks, about which project, with which parameters; and its answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.gitlab.accounts import GUEST, Account
from sandbox.gitlab.api.paging import page
from sandbox.gitlab.errors import forbidden, invalid, not_found, unauthorized
from sandbox.gitlab.git import Repository
from sandbox.gitlab.site import SITE, Site
from sandbox.gitlab.store import Document


@dataclass(frozen=True)
class Call:
    """What a handler needs. `project` is empty for calls outside a project."""

    request: web.Request
    site: Site
    account: Account
    project: Document
    params: Mapping[str, Any]

    @property
    def repository(self) -> Repository:
        """The project's bare repository."""
        return self.site.repository(self.project)

    @property
    def web_url(self) -> str:
        """The project's page."""
        return self.site.web_url(self.project)

    def part(self, name: str) -> str:
        """A piece of the path, decoded."""
        return self.request.match_info[name]

    def number(self, name: str) -> int:
        """A numeric piece of the path; 404 for anything else."""
        text = self.part(name)
        if not text.isdecimal():
            raise not_found()
        return int(text)

    def need(self, *names: str) -> list[str]:
        """Required text parameters; 400 names all that are missing."""
        missing = [f"{name} is missing" for name in names if self.params.get(name) in (None, "")]
        if missing:
            raise invalid(", ".join(missing))
        return [str(self.params[name]) for name in names]

    def text(self, name: str, default: str = "") -> str:
        """An optional text parameter."""
        value = self.params.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """An optional boolean parameter, as JSON or as text."""
        value = self.params.get(name)
        return default if value is None else value is True or str(value).lower() in ("true", "1", "t")

    def reply(self, body: Any, status: int = 200) -> web.Response:
        """A JSON answer in UTF-8."""
        return web.Response(
            status=status, body=json.dumps(body, ensure_ascii=False).encode(), content_type="application/json"
        )

    def listed(self, items: list[Document]) -> web.Response:
        """One page of a list, with GitLab's paging headers."""
        return page(self.request, items)

    def gone(self) -> web.Response:
        """204: done, nothing to say."""
        return web.Response(status=204)


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


async def parameters(request: web.Request) -> dict[str, Any]:
    """Query, JSON body and form fields in one; 400 for a body that is no JSON object."""
    found: dict[str, Any] = dict(request.query)
    if not request.can_read_body:
        return found
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return {**found, **{key: str(value) for key, value in (await request.post()).items()}}
    raw = await request.read()
    if not raw:
        return found
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise invalid("The request body is not valid JSON") from error
    if not isinstance(body, dict):
        raise invalid("The request body must be a JSON object")
    return {**found, **body}


def account_of(request: web.Request) -> Account:
    """The holder of the token in PRIVATE-TOKEN, JOB-TOKEN or Authorization: Bearer; 401 for none."""
    token = request.headers.get("PRIVATE-TOKEN") or request.headers.get("JOB-TOKEN", "")
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if not token and scheme.lower() == "bearer":
        token = value
    account = request.app[SITE].accounts.by_token(token) if token else None
    if account is None:
        raise unauthorized()
    return account


def on_site(
    handler: Handler, *, admin: bool = False
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A call that belongs to no project."""

    async def answer(request: web.Request) -> web.StreamResponse:
        account = account_of(request)
        if admin and not account.is_admin:
            raise forbidden()
        return await handler(Call(request, request.app[SITE], account, {}, await parameters(request)))

    return answer


def on_project(
    handler: Handler, level: int = GUEST
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A call below /projects/:id; 404 for an unknown project, 403 below the access level."""

    async def answer(request: web.Request) -> web.StreamResponse:
        site, account = request.app[SITE], account_of(request)
        project = site.project(request.match_info["id"])
        if project is None:
            raise not_found("Project")
        if site.level(account, project) < level:
            raise forbidden()
        return await handler(Call(request, site, account, project, await parameters(request)))

    return answer

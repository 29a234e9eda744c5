"""Calls about Harbor itself, and the token service of the registry."""

from __future__ import annotations

from aiohttp import web

from sandbox.harbor.accounts import TOKEN_SECONDS
from sandbox.harbor.database import now
from sandbox.harbor.errors import HarborError
from sandbox.harbor.gate import Harbor

VERSION = "v2.14.0-sandbox"
_COMPONENTS = ("core", "database", "portal", "registry")


class System:
    """Handlers of /health, /ping, /systeminfo and /service/token."""

    def __init__(self, harbor: Harbor) -> None:
        self._harbor = harbor

    def routes(self) -> list[web.RouteDef]:
        """The calls about Harbor itself."""
        return [
            web.get("/api/v2.0/health", self.health),
            web.get("/api/v2.0/ping", self.ping),
            web.get("/api/v2.0/systeminfo", self.info),
            web.get("/service/token", self.token),
            web.post("/service/token", self.token_by_post),
        ]

    async def health(self, _: web.Request) -> web.Response:
        """GET: the components that this stand-in has, after asking the database."""
        self._harbor.database.number("SELECT 1")
        components = [{"name": name, "status": "healthy"} for name in _COMPONENTS]
        return web.json_response({"status": "healthy", "components": components})

    async def ping(self, _: web.Request) -> web.Response:
        """GET: Pong."""
        return web.Response(text="Pong")

    async def info(self, request: web.Request) -> web.Response:
        """GET: the version only for those who are logged in, as Harbor does."""
        shown = {"auth_mode": "db_auth", "self_registration": False}
        if not self._harbor.accounts.caller(request).known:
            return web.json_response(shown)
        more = {
            "harbor_version": VERSION,
            "registry_url": request.host,
            "external_url": f"{request.scheme}://{request.host}",
            "project_creation_restriction": "adminonly",
            "read_only": False,
            "has_ca_root": False,
            "current_time": now(),
            "registry_storage_provider_name": "filesystem",
        }
        return web.json_response(shown | more)

    async def token(self, request: web.Request) -> web.Response:
        """GET: a token for the registry.

        It carries who the caller is; what that caller may is looked up at every request, so the scope
        asked for is not needed. A stranger gets a token only when naming a scope, and it opens nothing.
        """
        who = self._harbor.accounts.caller(request)
        if not who.known and "scope" not in request.query:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized")
        token = self._harbor.accounts.token(who)
        shown = {"token": token, "access_token": token, "expires_in": TOKEN_SECONDS, "issued_at": now()}
        return web.json_response(shown)

    async def token_by_post(self, _: web.Request) -> web.Response:
        """POST (OAuth2): 405 as in Harbor; clients then fall back to GET."""
        raise HarborError(405, "METHOD_NOT_ALLOWED", "the token service answers GET")

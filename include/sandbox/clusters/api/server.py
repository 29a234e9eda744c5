"""The entrance: who asks, what for, may he, and who serves it. Everything unknown is answered 501, named."""

from __future__ import annotations

import logging

from aiohttp import web

from sandbox.clusters.api import discovery
from sandbox.clusters.api.backend import Backend
from sandbox.clusters.api.call import Call, parse
from sandbox.clusters.api.objects import Objects
from sandbox.clusters.api.pod_exec import pod_exec
from sandbox.clusters.api.pod_logs import pod_log
from sandbox.clusters.api.service_proxy import service_proxy
from sandbox.clusters.jsons import Json
from sandbox.clusters.rbac import User
from sandbox.clusters.resources import ACCESS_REVIEWS, PODS, SERVICES
from sandbox.clusters.statuses import ApiError, not_served

_HEALTH = {"/healthz", "/livez", "/readyz"}
_PROXY_VERBS = {
    "GET": "get",
    "HEAD": "get",
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}


class ApiServer:
    """One cluster's API."""

    def __init__(self, backend: Backend, access: logging.Logger) -> None:
        self._backend, self._access = backend, access
        self._objects = Objects(backend)

    def application(self) -> web.Application:
        """The aiohttp application; bodies up to 16 MiB."""
        app = web.Application(client_max_size=16 << 20)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        user = self._backend.tokens.user(request.headers.get("Authorization"))
        code = 500
        try:
            response = await self._answer(request, user)
            code = response.status
        except ApiError as problem:
            code = problem.code
            response = web.json_response(problem.body(), status=code)
        finally:
            name = user.name if user else "-"
            self._access.info(
                "%s %s %s %s %s", self._backend.name, name, request.method, request.path_qs, code
            )
        return response

    async def _answer(self, request: web.Request, user: User | None) -> web.StreamResponse:
        path = request.path
        if path.rstrip("/") in _HEALTH:
            return web.Response(text="ok")
        if path.rstrip("/") == "/version":
            return web.json_response(discovery.VERSION)
        if user is None:
            raise ApiError(401, "Unauthorized", "Unauthorized")
        if path == "/openapi/v2" and request.method == "GET":
            return web.Response(body=discovery.openapi_v2(), content_type=discovery.OPENAPI_V2)
        call = parse(request.method, path, request.query)
        if call is None:
            return web.json_response(self._discovered(request))
        return await self._serve(call, request, user)

    def _discovered(self, request: web.Request) -> Json:
        path = request.path.strip("/")
        parts = path.split("/")
        found: Json | None = None
        if request.method != "GET":
            raise not_served(request.method, request.path)
        if path == "api":
            found = discovery.core_versions(self._backend.address)
        elif path == "apis":
            found = discovery.group_list()
        elif path == "openapi/v3":
            found = discovery.openapi_paths()
        elif path.startswith("openapi/v3/"):
            found = discovery.openapi(path.removeprefix("openapi/v3/"))
        elif parts[0] == "api" and len(parts) == 2:
            found = discovery.resource_list("", parts[1])
        elif parts[0] == "apis" and len(parts) == 2:
            found = discovery.group(parts[1])
        elif parts[0] == "apis" and len(parts) == 3:
            found = discovery.resource_list(parts[1], parts[2])
        if found is None:
            raise not_served(request.method, request.path)
        return found

    async def _serve(self, call: Call, request: web.Request, user: User) -> web.StreamResponse:
        proxied = call.kind is SERVICES and call.subresource == "proxy"
        verb = _PROXY_VERBS.get(call.method, "get") if proxied else call.verb
        if call.kind is not ACCESS_REVIEWS and not user.may(verb, call.right, call.namespace):
            raise _denied(user, verb, call)
        if proxied:
            return await service_proxy(self._backend, call, request)
        if call.kind is PODS and call.subresource == "log" and call.verb == "get":
            return await pod_log(self._backend, call, request)
        if call.kind is PODS and call.subresource == "exec":
            return await pod_exec(self._backend, call, request)
        return await self._objects.serve(call, request, user)


def _denied(user: User, verb: str, call: Call) -> ApiError:
    resource = f"{call.kind.plural}/{call.subresource}" if call.subresource else call.kind.plural
    where = (
        f'in the namespace "{call.namespace}"'
        if call.kind.namespaced and call.namespace
        else "at the cluster scope"
    )
    if call.namespace and not call.kind.namespaced:
        where = f'in the namespace "{call.namespace}"'
    named = f' "{call.name}"' if call.name else ""
    message = (
        f'{call.kind.qualified}{named} is forbidden: User "{user.name}" cannot {verb} resource "{resource}" '
        f'in API group "{call.kind.group}" {where}'
    )
    details: Json = {"kind": call.kind.plural}
    if call.name:
        details["name"] = call.name
    if call.kind.group:
        details["group"] = call.kind.group
    return ApiError(403, "Forbidden", message, details)

"""…/services/{[scheme:]name[:port]}/proxy/{path}: an HTTP request to a ready pod of a service."""

from __future__ import annotations

import aiohttp
from aiohttp import web
from yarl import URL

from sandbox.clusters.api.backend import Backend
from sandbox.clusters.api.call import Call
from sandbox.clusters.jsons import Json, dig
from sandbox.clusters.resources import SERVICES
from sandbox.clusters.statuses import ApiError, bad_request, unavailable

_NOT_FORWARDED = {
    *("authorization", "host", "connection", "upgrade", "transfer-encoding", "content-length", "keep-alive"),
    "accept-encoding",
}
_TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5)


async def service_proxy(backend: Backend, call: Call, request: web.Request) -> web.StreamResponse:
    """The pod's answer; 404 for an unknown service, 503 when no pod is ready or the pod does not answer."""
    scheme, name, port = _target(call.name)
    service = backend.store.find(SERVICES, call.namespace or "", name)
    own = backend.services.target(service, _port(service, port))
    if own is None:
        raise unavailable(f'no endpoints available for service "{call.name}"')
    # The rest of the path and the query go on as they came, still quoted.
    _, _, rest = request.raw_path.partition("/proxy")
    url = f"{scheme}://127.0.0.1:{own}{rest or '/'}"
    headers = {key: value for key, value in request.headers.items() if key.lower() not in _NOT_FORWARDED}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, auto_decompress=False) as session,
            session.request(
                request.method,
                _exact(url),
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
                ssl=False,
            ) as answer,
        ):
            body = await answer.read()
            kept = {key: value for key, value in answer.headers.items() if key.lower() not in _NOT_FORWARDED}
            return web.Response(status=answer.status, headers=kept, body=body)
    except (aiohttp.ClientError, TimeoutError) as problem:
        raise unavailable(f"error trying to reach service: {problem}") from problem


def _exact(url: str) -> URL:
    return URL(url, encoded=True)


def _target(text: str) -> tuple[str, str, str]:
    """Scheme, name and port of `name`, `name:port` or `scheme:name:port`."""
    parts = text.split(":")
    if len(parts) == 1:
        return "http", parts[0], ""
    if len(parts) == 2:
        return "http", parts[0], parts[1]
    if len(parts) == 3 and parts[0] in {"", "http", "https"}:
        return parts[0] or "http", parts[1], parts[2]
    raise bad_request(f"invalid service request {text!r}")


def _port(service: Json, wanted: str) -> Json:
    ports: list[Json] = dig(service, "spec", "ports") or []
    for each in ports:
        if not wanted or wanted in {each.get("name"), str(each["port"])}:
            return each
    name = service["metadata"]["name"]
    raise ApiError(503, "ServiceUnavailable", f'no service port {wanted!r} found for service "{name}"')

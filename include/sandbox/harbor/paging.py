"""Pages of v2.0 lists: `page`, `page_size`, X-Total-Count and Link; and the small `q` language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from sandbox.harbor.errors import HarborError, bad_request


def page_of(request: web.Request, entries: Sequence[Any]) -> web.Response:
    """One page of a list as JSON, with Harbor's headers."""
    number, size = _positive(request, "page", 1), _positive(request, "page_size", 10)
    if size > 100:
        raise HarborError(
            422, "UNPROCESSABLE_ENTITY", "page_size in query should be less than or equal to 100"
        )
    page = entries[(number - 1) * size : number * size]
    headers = {"X-Total-Count": str(len(entries))}
    links = []
    if number > 1:
        links.append((number - 1, "prev"))
    if number * size < len(entries):
        links.append((number + 1, "next"))
    if links:
        headers["Link"] = " , ".join(
            f'<{request.rel_url.update_query(page=str(to), page_size=str(size))}>; rel="{rel}"'
            for to, rel in links
        )
    return web.json_response(page, headers=headers)


def asked(request: web.Request) -> dict[str, str]:
    """The `q` parameter: `key=value` pairs, comma separated; `=~` is a fuzzy match, kept as `~value`."""
    pairs = [pair for pair in request.query.get("q", "").split(",") if pair]
    if any("=" not in pair for pair in pairs):
        raise bad_request(f"invalid query string {request.query['q']!r}")
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


def fits(wanted: str, value: str) -> bool:
    """Whether a value fits one `q` condition."""
    return wanted[1:] in value if wanted.startswith("~") else wanted == value


def flag(request: web.Request, name: str, *, default: bool = False) -> bool:
    """A boolean query parameter."""
    value = request.query.get(name)
    return default if value is None else value.lower() in {"true", "1"}


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; 400 when there is none, 422 when it is something else."""
    try:
        body = await request.json()
    except ValueError as error:
        raise bad_request(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise HarborError(422, "UNPROCESSABLE_ENTITY", "the body must be a JSON object")
    return body


def _positive(request: web.Request, name: str, default: int) -> int:
    value = request.query.get(name, str(default))
    if not value.isdigit() or int(value) < 1:
        raise HarborError(
            422, "UNPROCESSABLE_ENTITY", f"{name} in query should be greater than or equal to 1"
        )
    return int(value)

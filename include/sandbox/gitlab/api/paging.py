"""GitLab's paging: offset by default, keyset when asked, both with a Link header."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from aiohttp import web

from sandbox.gitlab.errors import invalid
from sandbox.gitlab.site import SITE
from sandbox.gitlab.store import Document

PER_PAGE = 20
MOST_PER_PAGE = 100


def _positive(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdecimal():
        raise invalid(f"{name} is invalid")
    return max(1, int(text))


def page(request: web.Request, items: list[Document]) -> web.Response:
    """The asked page of a complete list."""
    size = min(_positive(request, "per_page", PER_PAGE), MOST_PER_PAGE)
    keyset = request.query.get("pagination") == "keyset"
    number = _positive(request, "cursor" if keyset else "page", 1)
    pages = max(1, -(-len(items) // size))
    headers: dict[str, str] = {}
    if not keyset:
        headers = {
            "X-Total": str(len(items)),
            "X-Total-Pages": str(pages),
            "X-Page": str(number),
            "X-Per-Page": str(size),
            "X-Next-Page": str(number + 1) if number < pages else "",
            "X-Prev-Page": str(number - 1) if number > 1 else "",
        }
    headers["Link"] = _links(request, "cursor" if keyset else "page", number, pages, only_next=keyset)
    body = json.dumps(items[(number - 1) * size : number * size], ensure_ascii=False).encode()
    return web.Response(body=body, content_type="application/json", headers=headers)


def _links(request: web.Request, name: str, number: int, pages: int, *, only_next: bool) -> str:
    wanted = {"prev": number - 1, "next": number + 1, "first": 1, "last": pages}
    links = []
    for relation, target in wanted.items():
        if 1 <= target <= pages and (relation == "next" or not only_next):
            query = urlencode({**request.query, name: str(target)})
            links.append(f'<{request.app[SITE].url}{request.rel_url.raw_path}?{query}>; rel="{relation}"')
    return ", ".join(links)

"""Remote issue links: the whole link is kept, and a globalId names at most one of an issue."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from jira820.store import JiraError

router = APIRouter()
"""The same calls in both versions of the API."""
SERVED_AT = ("/rest/api/2/issue/{key}/remotelink", "/rest/api/3/issue/{key}/remotelink")
Json = dict[str, Any]
KEPT = ("globalId", "application", "relationship", "object")


@router.get("", response_model=None)
def remote_links(key: str, request: Request, globalId: str = "") -> list[Json] | Json:  # noqa: N803  # Jira's name
    """Every link of an issue, or the one with a globalId."""
    found = _links(request, key)
    if not globalId:
        return [_shown(request, key, link) for link in found]
    for link in found:
        if link.get("globalId") == globalId:
            return _shown(request, key, link)
    raise JiraError(404, f"A remote link with globalId '{globalId}' does not exist for issue '{key}'.")


@router.get("/{identity}")
def remote_link(key: str, identity: int, request: Request) -> Json:
    """One link by its number."""
    return _shown(request, key, _link(request, key, identity))


@router.post("")
async def put_remote_link(key: str, request: Request, body: Json) -> JSONResponse:
    """Create a link (201), or replace the one with the same globalId (200)."""
    links = _links(request, key)
    content = _content(body)
    same = [link for link in links if content.get("globalId") and link.get("globalId") == content["globalId"]]
    identity = same[0]["id"] if same else _next(request)
    if same:
        links[links.index(same[0])] = {"id": identity, **content}
    else:
        links.append({"id": identity, **content})
    request.app.state.store.save()
    return JSONResponse({"id": identity, "self": _address(request, key, identity)}, 200 if same else 201)


@router.put("/{identity}", status_code=204)
async def change_remote_link(key: str, identity: int, request: Request, body: Json) -> Response:
    """Replace a link by its number."""
    links, old = _links(request, key), _link(request, key, identity)
    links[links.index(old)] = {"id": identity, **_content(body)}
    request.app.state.store.save()
    return Response(status_code=204)


@router.delete("/{identity}", status_code=204)
async def drop_remote_link(key: str, identity: int, request: Request) -> Response:
    """Remove a link."""
    _links(request, key).remove(_link(request, key, identity))
    request.app.state.store.save()
    return Response(status_code=204)


def _links(request: Request, key: str) -> list[Json]:
    links: list[Json] = request.app.state.store.get_issue(key).setdefault("remotelinks", [])
    return links


def _link(request: Request, key: str, identity: int) -> Json:
    for link in _links(request, key):
        if link["id"] == identity:
            return link
    raise JiraError(404, f"The remote link {identity} does not exist for issue '{key}'.")


def _content(body: Json) -> Json:
    subject = body.get("object") or {}
    if not subject.get("title"):
        raise JiraError(400, [], {"title": "'title' is required."})
    if urlsplit(str(subject.get("url") or "")).scheme not in ("http", "https"):
        raise JiraError(400, [], {"url": "'url' must be a valid URL."})
    return {field: body[field] for field in KEPT if body.get(field)}


def _next(request: Request) -> int:
    taken = [link["id"] for issue in request.app.state.store.issues.values() for link in issue["remotelinks"]]
    return max(taken, default=9999) + 1


def _shown(request: Request, key: str, link: Json) -> Json:
    return {**link, "self": _address(request, key, link["id"])}


def _address(request: Request, key: str, identity: int) -> str:
    version = request.url.path.split("/")[3]
    return f"{str(request.base_url).rstrip('/')}/rest/api/{version}/issue/{key}/remotelink/{identity}"

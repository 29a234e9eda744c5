"""Searching by JQL: pages follow each other by a token, nothing counts them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from jira820.jql import filter_keys
from jira820.store import JiraError

from sandbox.jira.cloud.views import base_of, issue_view
from sandbox.jira.reading import check_query

router = APIRouter(prefix="/rest/api/3/search")
Json = dict[str, Any]
MOST = 5000


@router.get("/jql")
def search(
    request: Request,
    jql: str = "",
    nextPageToken: str = "",  # noqa: N803  # Jira's name
    maxResults: int = 50,  # noqa: N803
    fields: Annotated[list[str] | None, Query()] = None,
) -> Json:
    """A page of the issues that a bounded query finds."""
    return _page(request, jql, nextPageToken, maxResults, ",".join(fields or []))


@router.post("/jql")
async def search_by_body(request: Request, body: Json) -> Json:
    """The same, asked in a body."""
    fields = ",".join(body.get("fields") or [])
    most = int(body.get("maxResults", 50))
    return _page(request, str(body.get("jql") or ""), str(body.get("nextPageToken") or ""), most, fields)


@router.get("")
@router.post("")
def removed() -> JSONResponse:
    """The search by offset that Atlassian took away in 2025 (CHANGE-2046)."""
    said = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
    return JSONResponse({"errorMessages": [said], "errors": {}}, 410)


def _page(request: Request, jql: str, token: str, most: int, fields: str) -> Json:
    check_query(jql)
    if not jql.strip() or jql.strip().lower().startswith("order by"):
        raise JiraError(400, "Unbounded JQL queries are not allowed here. Please add a search restriction.")
    store, base = request.app.state.store, base_of(request)
    keys, first = filter_keys(store, jql), _offset(token, jql)
    page = keys[first : first + min(most, MOST)]
    last = first + len(page) >= len(keys)
    issues = [_shown(store, key, fields, base) for key in page]
    return {"issues": issues, "isLast": last} | (
        {} if last else {"nextPageToken": _token(jql, first + len(page))}
    )


def _shown(store: Any, key: str, fields: str, base: str) -> Json:
    """Nothing but the id, unless fields were asked for."""
    whole = issue_view(store, key, fields, base)
    return whole if fields not in ("", "id") else {"id": whole["id"]}


def _token(jql: str, offset: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([jql, offset]).encode()).decode()


def _offset(token: str, jql: str) -> int:
    if not token:
        return 0
    try:
        asked, offset = json.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError, TypeError) as error:
        raise JiraError(400, "The provided next page token is invalid or expired.") from error
    if asked != jql:
        raise JiraError(400, "The provided next page token belongs to another query.")
    return int(offset)

"""Issues, their comments and their transitions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from jira820.store import JiraError

from sandbox.jira.cloud.accounts import name_of
from sandbox.jira.cloud.documents import checked, wiki
from sandbox.jira.cloud.views import base_of, clouded, comment_view, issue_view

router = APIRouter(prefix="/rest/api/3/issue")
Json = dict[str, Any]


@router.post("", status_code=201)
async def create_issue(request: Request, body: Json) -> Json:
    """Create an issue; people by account id, the description as a document."""
    store, fields = request.app.state.store, dict(body.get("fields") or {})
    description = checked(fields["description"]) if fields.get("description") else None
    if description:
        fields["description"] = wiki(description)
    for person in ("assignee", "reporter"):
        if fields.get(person):
            given = fields[person]
            fields[person] = {"name": name_of(str(given.get("accountId") or given.get("id")))}
    made = store.create_issue(fields)
    if description:
        store.issues[made["key"]]["adf"] = description
        store.save()
    base = base_of(request)
    return {"id": made["id"], "key": made["key"], "self": f"{base}/rest/api/3/issue/{made['id']}"}


@router.get("/{key}")
def issue(key: str, request: Request, fields: Annotated[list[str] | None, Query()] = None) -> Json:
    """One issue."""
    return issue_view(request.app.state.store, key, ",".join(fields or []), base_of(request))


@router.get("/{key}/comment")
def comments(
    key: str,
    request: Request,
    startAt: int = 0,  # noqa: N803  # Jira's name
    maxResults: int = 100,  # noqa: N803
    orderBy: str = "created",  # noqa: N803
) -> Json:
    """A page of an issue's comments, a hundred at most."""
    if orderBy.lstrip("+-") != "created":
        raise JiraError(400, f"orderBy '{orderBy}' is not known.")
    store, base = request.app.state.store, base_of(request)
    total, most = len(store.get_issue(key)["comments"]), min(maxResults, 100)
    order = list(range(total))[:: -1 if orderBy.startswith("-") else 1]
    page = [comment_view(store, key, index, base) for index in order[startAt : startAt + most]]
    return {"startAt": startAt, "maxResults": most, "total": total, "comments": page}


@router.post("/{key}/comment", status_code=201)
async def add_comment(key: str, request: Request, body: Json) -> Json:
    """Comment as the acting account."""
    store, content = request.app.state.store, checked(body.get("body"))
    store.add_comment(key, wiki(content))
    kept = store.get_issue(key)["comments"]
    kept[-1]["adf"] = content
    store.save()
    return comment_view(store, key, len(kept) - 1, base_of(request))


@router.get("/{key}/changelog")
def changelog(
    key: str,
    request: Request,
    startAt: int = 0,  # noqa: N803  # Jira's name
    maxResults: int = 100,  # noqa: N803
) -> Json:
    """A page of what was changed and by whom, oldest first, a hundred at most."""
    store, base = request.app.state.store, base_of(request)
    told = clouded(store.serializer.changelog(store.get_issue(key))["histories"], base)
    most = min(maxResults, 100)
    page = told[startAt : startAt + most]
    address = f"{base}/rest/api/3/issue/{key}/changelog?startAt={startAt}&maxResults={most}"
    last = startAt + len(page) >= len(told)
    return {
        "self": address,
        "startAt": startAt,
        "maxResults": most,
        "total": len(told),
        "isLast": last,
        "values": page,
    }


@router.get("/{key}/transitions")
def transitions(key: str, request: Request) -> Json:
    """Where the issue may go now."""
    store = request.app.state.store
    offered = store.workflow.available_transitions(store.serializer, store.get_issue(key)["statusName"])
    found = [{**clouded(one, base_of(request)), "isAvailable": True, "looped": False} for one in offered]
    return {"expand": "transitions", "transitions": found}


@router.post("/{key}/transitions")
async def move(key: str, request: Request, body: Json) -> Response:
    """Go one way of the workflow."""
    wanted = (body.get("transition") or {}).get("id")
    if not wanted:
        return JSONResponse({"errorMessages": ["Missing 'transition' identifier"], "errors": {}}, 400)
    said = (body.get("update") or {}).get("comment") or []
    comments = [{"add": {"body": wiki(checked((one.get("add") or {}).get("body")))}} for one in said]
    store = request.app.state.store
    store.transition_issue(key, str(wanted), fields=body.get("fields"), update={"comment": comments})
    return Response(status_code=204)

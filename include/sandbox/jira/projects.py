"""Projects and their versions."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from jira820.store import JiraError

from sandbox.jira.workplace import PROJECTS, Project

router = APIRouter(prefix="/rest/api/2")
Json = dict[str, Any]
WRITABLE = ("name", "description", "released", "archived", "releaseDate", "startDate")


@router.get("/project")
def projects(request: Request) -> list[Json]:
    """Every project."""
    return [request.app.state.store.serializer.project_ref(key) for key in PROJECTS]


@router.get("/project/{key}")
def project(key: str, request: Request) -> Json:
    """One project with its issue types and versions."""
    found, store = _project(key), request.app.state.store
    types = [store.serializer.issuetype_obj(name) for name, _identity in store.config.issue_types]
    return {
        **store.serializer.project_ref(found.key),
        "issueTypes": types,
        "versions": versions(key, request),
        "assigneeType": "UNASSIGNED",
    }


@router.get("/project/{key}/versions")
def versions(key: str, request: Request) -> list[Json]:
    """The versions of one project."""
    store, identity = request.app.state.store, int(_project(key).identity)
    return [store.serializer.version_obj(one) for one in store.versions if one["projectId"] == identity]


@router.post("/version", status_code=201)
async def add_version(request: Request, body: Json) -> Json:
    """Create a version in a project given by key or id."""
    store = request.app.state.store
    place, name = _project(str(body.get("project") or body.get("projectId") or "")), body.get("name")
    if not name:
        raise JiraError(400, [], {"name": "You must specify a valid version name"})
    if any(one["name"] == name for one in versions(place.key, request)):
        raise JiraError(400, [], {"name": "A version with this name already exists in this project."})
    version = {
        "id": str(10000 + len(store.versions)),
        "projectId": int(place.identity),
        "archived": False,
        "released": False,
        **{field: body[field] for field in WRITABLE if field in body},
    }
    store.save_version(version)
    answer: Json = store.serializer.version_obj(version)
    return answer


@router.get("/version/{identity}")
def version(identity: str, request: Request) -> Json:
    """One version."""
    answer: Json = request.app.state.store.serializer.version_obj({"id": identity})
    return answer


@router.put("/version/{identity}")
async def change_version(identity: str, request: Request, body: Json) -> Json:
    """Change a version, as to release it."""
    store = request.app.state.store
    changed = store.version(identity)
    changed.update({field: body[field] for field in WRITABLE if body.get(field) is not None})
    store.save_version(changed)
    answer: Json = store.serializer.version_obj(changed)
    return answer


def _project(key: str) -> Project:
    for one in PROJECTS.values():
        if key in (one.key, one.identity):
            return one
    raise JiraError(404, f"No project could be found with key '{key}'.")

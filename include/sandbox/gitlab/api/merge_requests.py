"""GitLab API "Merge requests" and "Notes"."""

from __future__ import annotations

from aiohttp import web

from sandbox.gitlab import history, merge_requests, merging
from sandbox.gitlab.accounts import DEVELOPER, GUEST, REPORTER
from sandbox.gitlab.api.call import Call, on_project
from sandbox.gitlab.errors import forbidden, invalid, message, not_found
from sandbox.gitlab.moment import now
from sandbox.gitlab.store import Document

BASE = "/api/v4/projects/{id}/merge_requests"
ONE = BASE + "/{iid}"


def routes() -> list[web.RouteDef]:
    """Merge requests, their differences, their notes."""
    return [
        web.get(BASE, on_project(listed, REPORTER)),
        web.post(BASE, on_project(create, DEVELOPER)),
        web.get(ONE, on_project(get, REPORTER)),
        web.put(ONE, on_project(update, DEVELOPER)),
        web.put(f"{ONE}/merge", on_project(merge, DEVELOPER)),
        web.get(f"{ONE}/changes", on_project(changes, REPORTER)),
        web.get(f"{ONE}/diffs", on_project(diffs, REPORTER)),
        web.get(f"{ONE}/commits", on_project(commits, REPORTER)),
        web.get(f"{ONE}/pipelines", on_project(pipelines, REPORTER)),
        web.get(f"{ONE}/notes", on_project(notes, REPORTER)),
        web.post(f"{ONE}/notes", on_project(add_note, REPORTER)),
        web.get(f"{ONE}/notes/{{note}}", on_project(note, REPORTER)),
        web.put(f"{ONE}/notes/{{note}}", on_project(change_note, GUEST)),
        web.delete(f"{ONE}/notes/{{note}}", on_project(delete_note, GUEST)),
    ]


def _request(call: Call) -> Document:
    found = call.site.store.find("merge_request", call.part("iid"), project=call.project["id"])
    if found is None:
        raise message(404, "404 Not found")
    return found


async def _view(call: Call, request: Document, *, check: bool = False, made_now: bool = False) -> Document:
    return await merge_requests.view(call.site, call.project, request, check=check, made_now=made_now)


async def listed(call: Call) -> web.Response:
    """Newest first, filtered as asked."""
    found = call.site.store.list("merge_request", project=call.project["id"])
    state = call.text("state", "all")
    for key in ("source_branch", "target_branch"):
        if call.text(key):
            found = [one for one in found if one[key] == call.text(key)]
    if state != "all":
        found = [one for one in found if one["state"] == state]
    if call.text("search"):
        found = [one for one in found if call.text("search") in f"{one['title']}\n{one['description']}"]
    newest = sorted(found, key=lambda one: int(one["id"]), reverse=call.text("sort", "desc") == "desc")
    return call.listed([await _view(call, one) for one in newest])


async def create(call: Call) -> web.Response:
    source, target, _ = call.need("source_branch", "target_branch", "title")
    if source == target:
        raise message(409, ["You can't use same project/branch for source and target"])
    head = await call.repository.reference(f"refs/heads/{source}")
    missing = [name for name in (source, target) if not await call.repository.reference(f"refs/heads/{name}")]
    if missing or head is None:
        raise message(400, [f"Branch {name} does not exist" for name in missing])
    for other in call.site.store.list("merge_request", project=call.project["id"]):
        same = (other["source_branch"], other["target_branch"], other["state"]) == (source, target, "opened")
        if same:
            raise message(
                409, [f"Another open merge request already exists for this source branch: !{other['iid']}"]
            )
    with call.site.store.transaction():
        iid = call.site.store.next(f"merge_request of {call.project['id']}")
        request = call.site.store.add(
            "merge_request", _new(call, iid, head), project=call.project["id"], key=str(iid)
        )
    await merge_requests.announce(call.site, call.project, request, call.account, "open")
    return call.reply(await _view(call, request, made_now=True), 201)


def _new(call: Call, iid: int, head: str) -> Document:
    labels = call.params.get("labels") or []
    return {
        "iid": iid,
        "project_id": call.project["id"],
        "title": call.text("title"),
        "description": call.text("description"),
        "state": "opened",
        "source_branch": call.text("source_branch"),
        "target_branch": call.text("target_branch"),
        "labels": labels if isinstance(labels, list) else str(labels).split(","),
        "author": call.account.username,
        "created_at": now(),
        "updated_at": now(),
        "merged_by": None,
        "merged_at": None,
        "closed_at": None,
        "sha": head,
        "merge_commit_sha": None,
        "diff_refs": None,
        "force_remove_source_branch": call.flag("remove_source_branch"),
        "should_remove_source_branch": None,
    }


async def get(call: Call) -> web.Response:
    """One alone: GitLab checks in the background whether it merges, and says so to whoever asks again."""
    return call.reply(await _view(call, _request(call), check=True))


async def update(call: Call) -> web.Response:
    """Title, description, target branch, labels; close and reopen by `state_event`."""
    request = _request(call)
    changed = {key: call.params[key] for key in ("title", "description", "labels") if key in call.params}
    if call.text("target_branch"):
        if await call.repository.reference(f"refs/heads/{call.text('target_branch')}") is None:
            raise message(400, [f"Branch {call.text('target_branch')} does not exist"])
        changed["target_branch"] = call.text("target_branch")
    event, action = call.text("state_event"), "update"
    if event and (event, request["state"]) not in (("close", "opened"), ("reopen", "closed")):
        raise invalid("state_event does not have a valid value")
    if event == "close":
        refs = await merge_requests.diff_refs(call.repository, request)
        changed.update(state="closed", closed_at=now(), diff_refs=refs)
        action = "close"
    elif event == "reopen":
        changed.update(state="opened", closed_at=None, diff_refs=None)
        action = "reopen"
    request = {**request, **changed, "updated_at": now()}
    call.site.store.put("merge_request", request)
    await merge_requests.announce(call.site, call.project, request, call.account, action)
    return call.reply(await _view(call, request))


async def merge(call: Call) -> web.Response:
    if call.flag("squash"):
        raise web.HTTPNotImplemented(reason="merge with squash")
    request = await merging.merge(
        call.site,
        call.project,
        call.number("iid"),
        call.account,
        sha=call.text("sha"),
        text=call.text("merge_commit_message"),
        remove=call.flag("should_remove_source_branch"),
    )
    return call.reply(await _view(call, request))


async def _differences(call: Call, request: Document) -> list[Document]:
    refs = await merge_requests.diff_refs(call.repository, request)
    if refs is None:
        return []
    return await history.differences(call.repository, refs["base_sha"], refs["head_sha"])


async def diffs(call: Call) -> web.Response:
    return call.listed(await _differences(call, _request(call)))


async def changes(call: Call) -> web.Response:
    request = _request(call)
    found = await _differences(call, request)
    view = await _view(call, request)
    return call.reply({**view, "changes": found, "changes_count": str(len(found)), "overflow": False})


async def commits(call: Call) -> web.Response:
    refs = await merge_requests.diff_refs(call.repository, _request(call))
    if refs is None:
        return call.listed([])
    span = f"{refs['base_sha']}..{refs['head_sha']}"
    return call.listed(await history.commits(call.repository, call.web_url, span))


async def pipelines(call: Call) -> web.Response:
    request = _request(call)
    found = [
        p for p in call.site.store.list("pipeline", project=call.project["id"]) if p["sha"] == request["sha"]
    ]
    keys = ("id", "iid", "project_id", "sha", "ref", "status", "source", "created_at", "updated_at")
    return call.listed([{key: one[key] for key in keys} for one in reversed(found)])


def _note(call: Call, request: Document, note: Document) -> Document:
    return {
        **note,
        "author": call.site.accounts.known(note["author"]).brief(),
        "system": False,
        "noteable_id": request["id"],
        "noteable_iid": request["iid"],
        "noteable_type": "MergeRequest",
        "project_id": call.project["id"],
        "resolvable": False,
        "confidential": False,
        "internal": False,
    }


def _own_note(call: Call, request: Document) -> Document:
    found = call.site.store.get("note", call.number("note"))
    if found is None or found["request"] != request["id"]:
        raise not_found()
    return found


async def notes(call: Call) -> web.Response:
    """Newest first, as GitLab; `sort=asc` for the other way."""
    request = _request(call)
    found = call.site.store.list("note", project=request["id"])
    ordered = found if call.text("sort", "desc") == "asc" else list(reversed(found))
    return call.listed([_note(call, request, one) for one in ordered])


async def add_note(call: Call) -> web.Response:
    request = _request(call)
    (body,) = call.need("body")
    moment = now()
    fields = {"request": request["id"], "body": body, "author": call.account.username}
    made = call.site.store.add(
        "note", {**fields, "created_at": moment, "updated_at": moment}, project=request["id"]
    )
    return call.reply(_note(call, request, made), 201)


async def note(call: Call) -> web.Response:
    request = _request(call)
    return call.reply(_note(call, request, _own_note(call, request)))


async def change_note(call: Call) -> web.Response:
    request = _request(call)
    found = _own_note(call, request)
    if found["author"] != call.account.username and not call.account.is_admin:
        raise forbidden()
    (body,) = call.need("body")
    changed = {**found, "body": body, "updated_at": now()}
    call.site.store.put("note", changed)
    return call.reply(_note(call, request, changed))


async def delete_note(call: Call) -> web.Response:
    found = _own_note(call, _request(call))
    if found["author"] != call.account.username and not call.account.is_admin:
        raise forbidden()
    call.site.store.remove("note", found["id"])
    return call.gone()

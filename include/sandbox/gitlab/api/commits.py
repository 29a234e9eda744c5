"""GitLab API "Commits": list, make, show, differences, statuses, merge requests of one."""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

from sandbox.gitlab import history, merge_requests, protection, writing
from sandbox.gitlab.accounts import DEVELOPER, REPORTER
from sandbox.gitlab.api.call import Call, on_project
from sandbox.gitlab.errors import forbidden, invalid, message, not_found
from sandbox.gitlab.events import pushes
from sandbox.gitlab.git import ZERO
from sandbox.gitlab.moment import now
from sandbox.gitlab.store import Document

BASE = "/api/v4/projects/{id}/repository/commits"
STATES = ("pending", "running", "success", "failed", "canceled", "skipped")


def routes() -> list[web.RouteDef]:
    """Commits and what is known about them."""
    return [
        web.get(BASE, on_project(listed, REPORTER)),
        web.post(BASE, on_project(create, DEVELOPER)),
        web.get(f"{BASE}/{{sha}}", on_project(get, REPORTER)),
        web.get(f"{BASE}/{{sha}}/diff", on_project(diff, REPORTER)),
        web.get(f"{BASE}/{{sha}}/statuses", on_project(statuses, REPORTER)),
        web.get(f"{BASE}/{{sha}}/merge_requests", on_project(requests_of, REPORTER)),
        web.post("/api/v4/projects/{id}/statuses/{sha}", on_project(set_status, DEVELOPER)),
    ]


async def _sha(call: Call, name: str = "sha") -> str:
    commit = await call.repository.commit_of(call.part(name))
    if commit is None:
        raise not_found("Commit")
    return commit


async def _selection(call: Call) -> list[str] | None:
    """git log's revisions for `ref_name`, which may be a range; None when a ref is unknown."""
    wanted = call.text("ref_name") or call.project["default_branch"]
    ends = [await call.repository.commit_of(end) for end in wanted.split("..")]
    known = [end for end in ends if end]
    if len(known) != len(ends) or len(ends) > 2:
        return None
    return ["..".join(known)]


async def listed(call: Call) -> web.Response:
    selection = ["--all"] if call.flag("all") else await _selection(call)
    if selection is None:
        if call.text("ref_name"):
            raise not_found("Commit")
        return call.listed([])
    for name in ("since", "until", "author"):
        if call.text(name):
            selection.insert(0, f"--{name}={call.text(name)}")
    if call.flag("first_parent"):
        selection.insert(0, "--first-parent")
    paths = (call.text("path"),) if call.text("path") else ()
    found = await history.commits(call.repository, call.web_url, *selection, paths=paths)
    if call.flag("with_stats"):
        found = [{**one, "stats": await history.stats(call.repository, one["id"])} for one in found]
    return call.listed(found)


async def get(call: Call) -> web.Response:
    sha = await _sha(call)
    pipelines = [p for p in call.site.store.list("pipeline", project=call.project["id"]) if p["sha"] == sha]
    last = pipelines[-1] if pipelines else None
    return call.reply(
        {
            **await history.commit(call.repository, call.web_url, sha),
            "project_id": call.project["id"],
            "stats": await history.stats(call.repository, sha),
            "status": last["status"] if last else None,
            "last_pipeline": last
            and {key: last[key] for key in ("id", "iid", "sha", "ref", "status", "source")},
        }
    )


async def diff(call: Call) -> web.Response:
    sha = await _sha(call)
    return call.listed(
        await history.differences(call.repository, await history.before(call.repository, sha), sha)
    )


def _status(call: Call, status: Document) -> Document:
    hidden = ("author", "project_id")
    return {
        **{key: value for key, value in status.items() if key not in hidden},
        "author": call.site.accounts.known(status["author"]).brief(),
    }


async def statuses(call: Call) -> web.Response:
    """The newest status of each name, or every one with `all`."""
    sha = await _sha(call)
    found = [one for one in call.site.store.list("status", project=call.project["id"]) if one["sha"] == sha]
    if not call.flag("all"):
        found = list({(one["name"], one["ref"]): one for one in found}.values())
    wanted = call.text("name")
    return call.listed([_status(call, one) for one in found if wanted in ("", one["name"])])


async def set_status(call: Call) -> web.Response:
    sha = await _sha(call)
    (state,) = call.need("state")
    if state not in STATES:
        raise invalid("state does not have a valid value")
    status = {
        "sha": sha,
        "ref": call.text("ref") or None,
        "status": state,
        "name": call.text("name") or call.text("context") or "default",
        "target_url": call.text("target_url") or None,
        "description": call.text("description") or None,
        "created_at": now(),
        "started_at": None,
        "finished_at": now() if state not in ("pending", "running") else None,
        "allow_failure": False,
        "coverage": None,
        "author": call.account.username,
        "project_id": call.project["id"],
    }
    return call.reply(_status(call, call.site.store.add("status", status, project=call.project["id"])), 201)


async def requests_of(call: Call) -> web.Response:
    """Merge requests that brought the commit, or would."""
    sha = await _sha(call)
    found = []
    for request in call.site.store.list("merge_request", project=call.project["id"]):
        refs = await merge_requests.diff_refs(call.repository, request)
        brought = refs is not None and await _within(call, sha, refs["base_sha"], refs["head_sha"])
        if brought or request["merge_commit_sha"] == sha:
            found.append(await merge_requests.view(call.site, call.project, request))
    return call.listed(found)


async def _within(call: Call, sha: str, base: str, head: str) -> bool:
    return await call.repository.is_ancestor(sha, head) and not await call.repository.is_ancestor(sha, base)


async def create(call: Call) -> web.Response:
    """One commit with several file actions: create, update, delete, chmod is refused."""
    branch, text = call.need("branch", "commit_message")
    changes = []
    for action in call.params.get("actions") or []:
        if action.get("action") not in ("create", "update", "delete") or not action.get("file_path"):
            raise invalid("actions[action] does not have a valid value")
        content = None if action["action"] == "delete" else content_of(action)
        changes.append(writing.FileChange(action["file_path"], content, bool(action.get("execute_filemode"))))
    if not changes:
        raise invalid("actions is empty")
    commit = await commit_to(call, branch, changes, text)
    return call.reply(await history.commit(call.repository, call.web_url, commit), 201)


def content_of(fields: Document) -> bytes:
    """A file's bytes from `content` and `encoding`."""
    text = str(fields.get("content") or "")
    if fields.get("encoding") != "base64":
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise message(400, "Invalid base64 content") from error


async def commit_to(call: Call, branch: str, changes: list[writing.FileChange], text: str) -> str:
    """Commit on a branch, made from `start_branch` when it is new, and announce the push."""
    rules = protection.rules_for(call.site.store, call.project["id"], branch)
    if not protection.may_push(rules, call.site.level(call.account, call.project)):
        raise forbidden()
    async with call.site.writing(call.project):
        ref = f"refs/heads/{branch}"
        old = await call.repository.reference(ref)
        start = old or await call.repository.commit_of(call.text("start_branch"))
        if start is None and await call.repository.references("refs/heads"):
            raise message(400, "You can only create or edit files when you are on a branch")
        who = writing.identity(call.account, name=call.text("author_name"), email=call.text("author_email"))
        commit = await writing.commit_files(call.repository, start, changes, text, who)
        await writing.move(call.repository, ref, old or ZERO, commit)
        await pushes.announce(call.site, call.project, call.account, [(old or ZERO, commit, ref)])
    return commit

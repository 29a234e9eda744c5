"""Merge requests: what the API shows of one, what a push does to it, what its webhook says."""

from __future__ import annotations

from sandbox.gitlab import history, mergeability
from sandbox.gitlab.accounts import Account
from sandbox.gitlab.events.queue import enqueue
from sandbox.gitlab.git import ZERO, Repository
from sandbox.gitlab.moment import now
from sandbox.gitlab.projects import in_event, repository_in_event
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

OLD_WORDS = {
    "mergeable": "can_be_merged",
    "draft_status": "can_be_merged",
    "preparing": "preparing",
    "unchecked": "unchecked",
    "checking": "checking",
}
"""`merge_status`, deprecated since 15.6, by `detailed_merge_status`; anything else cannot be merged."""


def url(site: Site, project: Document, request: Document) -> str:
    """The merge request's page."""
    return f"{site.web_url(project)}/-/merge_requests/{request['iid']}"


def reference(project: Document, request: Document) -> str:
    """`group/project!7`."""
    return f"{project['path_with_namespace']}!{request['iid']}"


def is_draft(title: str) -> bool:
    """Whether GitLab treats the title as a draft."""
    return title.lower().startswith(("draft:", "[draft]", "(draft)", "wip:"))


async def heads(repository: Repository, request: Document) -> tuple[str | None, str | None]:
    """The present commits of source and target branch."""
    return (
        await repository.reference(f"refs/heads/{request['source_branch']}"),
        await repository.reference(f"refs/heads/{request['target_branch']}"),
    )


async def status(
    site: Site, repository: Repository, request: Document, *, check: bool = False, wait: bool = False
) -> str:
    """`detailed_merge_status`: the first thing in the way, else whether git can merge, as far as is known.

    `check` has it tried in the background when nobody did yet, `wait` waits for the answer.
    """
    source, target = await heads(repository, request)
    obstacle = await _obstacle(repository, request, source, target)
    if obstacle or source is None or target is None:
        return obstacle
    if wait:
        return await mergeability.wait(site, repository, source, target)
    if check:
        return mergeability.ask(site, repository, source, target)
    return mergeability.known(site, source, target)


async def _obstacle(repository: Repository, request: Document, source: str | None, target: str | None) -> str:
    """What is in the way whatever git says; empty when nothing is."""
    if request["state"] != "opened":
        return "not_open"
    if source is None or target is None:
        return "broken_status"
    if await repository.is_ancestor(source, target):
        return "commits_status"
    return "draft_status" if is_draft(request["title"]) else ""


async def diff_refs(repository: Repository, request: Document) -> Document | None:
    """Base, head and start commit: kept when closed, computed while open."""
    if request["diff_refs"]:
        return dict(request["diff_refs"])
    source, target = await heads(repository, request)
    source = source or request["sha"]
    if source is None or target is None:
        return None
    return {
        "base_sha": await repository.merge_base(source, target) or target,
        "head_sha": source,
        "start_sha": target,
    }


async def view(
    site: Site, project: Document, request: Document, *, check: bool = False, made_now: bool = False
) -> Document:
    """The API's merge request; asking for one alone has it checked, a list does not."""
    repository = site.repository(project)
    detailed = await status(site, repository, request, check=check or made_now)
    if made_now and detailed == "checking":
        detailed = "preparing"
    refs = await diff_refs(repository, request)
    pipeline = next(
        (
            p
            for p in reversed(site.store.list("pipeline", project=project["id"]))
            if p["sha"] == request["sha"]
        ),
        None,
    )
    merged_by = request["merged_by"]
    plain = {key: value for key, value in request.items() if key not in ("author", "merged_by", "diff_refs")}
    return {
        **plain,
        "author": site.accounts.known(request["author"]).brief(),
        "merged_by": site.accounts.known(merged_by).brief() if merged_by else None,
        "merge_user": site.accounts.known(merged_by).brief() if merged_by else None,
        "assignee": None,
        "assignees": [],
        "reviewers": [],
        "source_project_id": project["id"],
        "target_project_id": project["id"],
        "draft": is_draft(request["title"]),
        "work_in_progress": is_draft(request["title"]),
        "merge_status": OLD_WORDS.get(detailed, "cannot_be_merged"),
        "detailed_merge_status": detailed,
        "has_conflicts": detailed == "conflict",
        "diff_refs": refs,
        "squash": False,
        "squash_commit_sha": None,
        "user_notes_count": len(site.store.list("note", project=request["id"])),
        "blocking_discussions_resolved": True,
        "discussion_locked": None,
        "merge_when_pipeline_succeeds": False,
        "references": {
            "short": f"!{request['iid']}",
            "relative": f"!{request['iid']}",
            "full": reference(project, request),
        },
        "head_pipeline": pipeline
        and {key: pipeline[key] for key in ("id", "iid", "project_id", "sha", "ref", "status")},
        "web_url": url(site, project, request),
    }


async def announce(
    site: Site,
    project: Document,
    request: Document,
    account: Account,
    action: str,
    *,
    oldrev: str | None = None,
) -> None:
    """Owe the merge-request event: open, update, close, reopen or merge."""
    repository = site.repository(project)
    last = None
    if request["sha"]:
        commit = await history.commit(repository, site.web_url(project), request["sha"])
        last = {
            "id": commit["id"],
            "message": commit["message"],
            "title": commit["title"],
            "timestamp": commit["committed_date"],
            "url": commit["web_url"],
            "author": {"name": commit["author_name"], "email": commit["author_email"]},
        }
    detailed = await status(site, repository, request)
    author = site.accounts.known(request["author"])
    attributes = {
        "id": request["id"],
        "iid": request["iid"],
        "title": request["title"],
        "description": request["description"],
        "state": request["state"],
        "action": action,
        "source_branch": request["source_branch"],
        "target_branch": request["target_branch"],
        "source_project_id": project["id"],
        "target_project_id": project["id"],
        "source": in_event(site, project),
        "target": in_event(site, project),
        "author_id": author.id,
        "assignee_ids": [],
        "reviewer_ids": [],
        "created_at": request["created_at"],
        "updated_at": request["updated_at"],
        "last_commit": last,
        "merge_commit_sha": request["merge_commit_sha"],
        "merge_status": OLD_WORDS.get(detailed, "cannot_be_merged"),
        "detailed_merge_status": detailed,
        "draft": is_draft(request["title"]),
        "work_in_progress": is_draft(request["title"]),
        "labels": [],
        "url": url(site, project, request),
        **({"oldrev": oldrev} if oldrev else {}),
    }
    payload = {
        "object_kind": "merge_request",
        "event_type": "merge_request",
        "user": account.in_event(),
        "project": in_event(site, project),
        "repository": repository_in_event(site, project),
        "object_attributes": attributes,
        "labels": [],
        "changes": {},
        "assignees": [],
        "reviewers": [],
    }
    enqueue(site, project, "merge_requests_events", payload)


async def after_push(
    site: Site, project: Document, account: Account, branch: str, old: str, new: str
) -> None:
    """Follow a moved branch: new commits of a source, and a target that already holds the source."""
    if new == ZERO:
        return
    repository = site.repository(project)
    for request in site.store.list("merge_request", project=project["id"]):
        if request["state"] != "opened":
            continue
        if request["source_branch"] == branch and request["sha"] != new:
            moved = {**request, "sha": new, "updated_at": now()}
            site.store.put("merge_request", moved)
            await announce(site, project, moved, account, "update", oldrev=old)
        elif request["target_branch"] == branch and await repository.is_ancestor(request["sha"], new):
            refs = {"base_sha": old, "head_sha": request["sha"], "start_sha": old}
            merged = {**request, **merged_fields(account, refs, None)}
            site.store.put("merge_request", merged)
            await announce(site, project, merged, account, "merge")


def merged_fields(account: Account, refs: Document | None, commit: str | None) -> Document:
    """What changes in a merge request when it is merged."""
    moment = now()
    return {
        "state": "merged",
        "merged_by": account.username,
        "merged_at": moment,
        "updated_at": moment,
        "merge_commit_sha": commit,
        "diff_refs": refs,
    }

"""Push and tag events, as documented in GitLab's "Webhook events": from the spool that git's hook wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from sandbox.gitlab import history, merge_requests
from sandbox.gitlab.accounts import Account
from sandbox.gitlab.events.queue import enqueue
from sandbox.gitlab.git import ZERO, Repository
from sandbox.gitlab.moment import now
from sandbox.gitlab.projects import in_event, repository_in_event
from sandbox.gitlab.protection import rules_for
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

LISTED_COMMITS = 20


async def ingest(site: Site) -> None:
    """Turn every spooled push into owed deliveries, oldest first."""
    async with site.ingesting:
        for file in sorted(site.spool.glob("*.json")):
            await _ingest_file(site, file)


async def _ingest_file(site: Site, file: Path) -> None:
    push = json.loads(file.read_text("utf-8"))
    project = site.store.get("project", push["project"])
    if project is not None:
        await announce(site, project, site.accounts.known(push["user"]), push["updates"], once=file.stem)
    file.unlink()


async def announce(
    site: Site,
    project: Document,
    account: Account,
    updates: Iterable[tuple[str, str, str]],
    *,
    once: str = "",
) -> None:
    """Owe the events of accepted ref updates (old, new, ref) and bring open merge requests up to date."""
    repository = site.repository(project)
    for number, (old, new, ref) in enumerate(updates):
        key = f"{once}#{number}" if once else ""
        if ref.startswith("refs/tags/"):
            payload = await _tag_event(site, project, repository, account, old, new, ref)
            enqueue(site, project, "tag_push_events", payload, once=key)
        elif ref.startswith("refs/heads/"):
            payload = await _push_event(site, project, repository, account, old, new, ref)
            enqueue(site, project, "push_events", payload, once=key)
            await merge_requests.after_push(site, project, account, ref.removeprefix("refs/heads/"), old, new)
    site.store.put("project", {**site.known_project(project["id"]), "last_activity_at": now()})


async def _push_event(
    site: Site, project: Document, repository: Repository, account: Account, old: str, new: str, ref: str
) -> Document:
    listed: list[Document] = []
    total = 0
    if new != ZERO:
        selection = await _new_commits(repository, project, old, new, ref)
        total = await repository.count(*selection)
        found = await history.commits(repository, site.web_url(project), f"-{LISTED_COMMITS}", *selection)
        listed = [await _listed(repository, commit) for commit in reversed(found)]
    event = _event(site, project, account, "push", old, new, ref)
    return {
        **event,
        "checkout_sha": None if new == ZERO else new,
        "commits": listed,
        "total_commits_count": total,
    }


async def _new_commits(
    repository: Repository, project: Document, old: str, new: str, ref: str
) -> tuple[str, ...]:
    """What a push adds: for a new branch, what the default branch does not have."""
    if old != ZERO:
        return (new, f"^{old}")
    default = await repository.reference(f"refs/heads/{project['default_branch']}")
    if default and ref != f"refs/heads/{project['default_branch']}":
        return (new, f"^{default}")
    return (new,)


async def _listed(repository: Repository, commit: Document) -> Document:
    return {
        "id": commit["id"],
        "message": commit["message"],
        "title": commit["title"],
        "timestamp": commit["committed_date"].replace(".000", ""),
        "url": commit["web_url"],
        "author": {"name": commit["author_name"], "email": commit["author_email"]},
        **await history.changed_paths(repository, commit["id"]),
    }


async def _tag_event(
    site: Site, project: Document, repository: Repository, account: Account, old: str, new: str, ref: str
) -> Document:
    event = _event(site, project, account, "tag_push", old, new, ref)
    if new == ZERO:
        return {**event, "checkout_sha": None, "commits": [], "total_commits_count": 0}
    text = ""
    if await repository.text("cat-file", "-t", new) == "tag":
        text = (await repository.text("cat-file", "tag", new)).partition("\n\n")[2]
    commit = await repository.text("rev-parse", "--verify", f"{new}^{{commit}}")
    listed = [await _listed(repository, await history.commit(repository, site.web_url(project), commit))]
    return {**event, "checkout_sha": commit, "message": text, "commits": listed, "total_commits_count": 1}


def _event(
    site: Site, project: Document, account: Account, kind: str, old: str, new: str, ref: str
) -> Document:
    return {
        "object_kind": kind,
        "event_name": kind,
        "before": old,
        "after": new,
        "ref": ref,
        "ref_protected": _is_protected(site, project, ref),
        "message": None,
        "user_id": account.id,
        "user_name": account.name,
        "user_username": account.username,
        "user_email": account.email,
        "user_avatar": None,
        "project_id": project["id"],
        "project": in_event(site, project),
        "push_options": {},
        "repository": repository_in_event(site, project),
    }


def _is_protected(site: Site, project: Document, ref: str) -> bool:
    return ref.startswith("refs/heads/") and bool(
        rules_for(site.store, project["id"], ref.removeprefix("refs/heads/"))
    )

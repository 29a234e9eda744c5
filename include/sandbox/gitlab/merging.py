"""Merging a merge request: a real merge commit in the bare repository, its events, the branch it leaves."""

from __future__ import annotations

from sandbox.gitlab import merge_requests, protection, writing
from sandbox.gitlab.accounts import Account
from sandbox.gitlab.errors import message, unauthorized
from sandbox.gitlab.events import pushes
from sandbox.gitlab.git import ZERO
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document


def default_message(project: Document, request: Document) -> str:
    """GitLab's default merge commit template."""
    return (
        f"Merge branch '{request['source_branch']}' into '{request['target_branch']}'\n\n"
        f"{request['title']}\n\nSee merge request {merge_requests.reference(project, request)}\n"
    )


async def merge(
    site: Site,
    project: Document,
    iid: int,
    account: Account,
    *,
    sha: str = "",
    text: str = "",
    remove: bool = False,
) -> Document:
    """Merge if allowed: 401 without the right, 405 when not mergeable, 409 when the source left `sha`."""
    async with site.writing(project):
        request = site.store.find("merge_request", str(iid), project=project["id"])
        if request is None:
            raise message(404, "404 Not found")
        rules = protection.rules_for(site.store, project["id"], request["target_branch"])
        if not protection.may_merge(rules, site.level(account, project)):
            raise unauthorized()
        repository = site.repository(project)
        state = await merge_requests.status(site, repository, request, wait=True)
        if state not in ("mergeable", "conflict"):
            raise message(405, "405 Method Not Allowed")
        source, target = await merge_requests.heads(repository, request)
        if source is None or target is None:
            raise message(405, "405 Method Not Allowed")
        if sha and sha != source:
            raise message(409, f"SHA does not match HEAD of source branch: {source}")
        refs = await merge_requests.diff_refs(repository, request)
        try:
            commit = await writing.merge(
                repository,
                target,
                source,
                text or default_message(project, request),
                writing.identity(account),
            )
        except writing.ConflictError as error:
            raise message(422, "Branch cannot be merged") from error
        await writing.move(repository, f"refs/heads/{request['target_branch']}", target, commit)
        request = {**request, "sha": source, **merge_requests.merged_fields(account, refs, commit)}
        site.store.put("merge_request", request)
        await pushes.announce(
            site, project, account, [(target, commit, f"refs/heads/{request['target_branch']}")]
        )
        await merge_requests.announce(site, project, request, account, "merge")
        if remove or request["force_remove_source_branch"]:
            await _remove_source(site, project, account, request, source)
        return request


async def _remove_source(
    site: Site, project: Document, account: Account, request: Document, source: str
) -> None:
    branch = request["source_branch"]
    if protection.rules_for(site.store, project["id"], branch) or branch == project["default_branch"]:
        return
    await writing.move(site.repository(project), f"refs/heads/{branch}", source, ZERO)
    await pushes.announce(site, project, account, [(source, ZERO, f"refs/heads/{branch}")])

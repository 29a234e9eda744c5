"""GitLab API "Branches", "Tags", "Repositories" (tree, compare)."""

from __future__ import annotations

import fnmatch

from aiohttp import web

from sandbox.gitlab import history, protection
from sandbox.gitlab.accounts import DEVELOPER, MAINTAINER, REPORTER
from sandbox.gitlab.api.call import Call, on_project
from sandbox.gitlab.errors import message, not_found
from sandbox.gitlab.events import pushes
from sandbox.gitlab.git import ZERO, GitError, Reference
from sandbox.gitlab.store import Document
from sandbox.gitlab.writing import MovedError, identity, move

BASE = "/api/v4/projects/{id}/repository"


def routes() -> list[web.RouteDef]:
    """References and what they hold."""
    return [
        web.get(f"{BASE}/branches", on_project(branches, REPORTER)),
        web.post(f"{BASE}/branches", on_project(create_branch, DEVELOPER)),
        web.get(f"{BASE}/branches/{{branch}}", on_project(branch, REPORTER)),
        web.delete(f"{BASE}/branches/{{branch}}", on_project(delete_branch, DEVELOPER)),
        web.get(f"{BASE}/tags", on_project(tags, REPORTER)),
        web.post(f"{BASE}/tags", on_project(create_tag, DEVELOPER)),
        web.get(f"{BASE}/tags/{{tag}}", on_project(tag, REPORTER)),
        web.get(f"{BASE}/tree", on_project(tree, REPORTER)),
        web.get(f"{BASE}/compare", on_project(compare, REPORTER)),
    ]


async def _branch(call: Call, reference: Reference) -> Document:
    rules = protection.rules_for(call.site.store, call.project["id"], reference.name)
    level = call.site.level(call.account, call.project)
    default = await call.repository.reference(f"refs/heads/{call.project['default_branch']}")
    is_default = reference.name == call.project["default_branch"]
    merged = default is not None and await call.repository.is_ancestor(reference.commit, default)
    return {
        "name": reference.name,
        "merged": merged and not is_default,
        "protected": bool(rules),
        "default": is_default,
        "developers_can_push": protection.may_push(rules, DEVELOPER),
        "developers_can_merge": protection.may_merge(rules, DEVELOPER),
        "can_push": protection.may_push(rules, level),
        "web_url": f"{call.web_url}/-/tree/{reference.name}",
        "commit": await history.commit(call.repository, call.web_url, reference.commit),
    }


async def _find(call: Call, folder: str, name: str, kind: str) -> Reference:
    for reference in await call.repository.references(f"refs/{folder}"):
        if reference.name == name:
            return reference
    raise not_found(kind)


async def branches(call: Call) -> web.Response:
    pattern = f"*{call.text('search')}*"
    if call.text("search").startswith("^"):
        pattern = f"{call.text('search')[1:]}*"
    found = await call.repository.references("refs/heads")
    return call.listed([await _branch(call, one) for one in found if fnmatch.fnmatchcase(one.name, pattern)])


async def branch(call: Call) -> web.Response:
    return call.reply(await _branch(call, await _find(call, "heads", call.part("branch"), "Branch")))


async def _valid(call: Call, full: str) -> bool:
    try:
        await call.repository.run("check-ref-format", full)
    except GitError:
        return False
    return True


async def create_branch(call: Call) -> web.Response:
    name, ref = call.need("branch", "ref")
    if name.startswith("-") or not await _valid(call, f"refs/heads/{name}"):
        raise message(400, "Branch name is invalid")
    commit = await call.repository.commit_of(ref)
    if commit is None:
        raise message(400, f"Invalid reference name: {ref}")
    rules = protection.rules_for(call.site.store, call.project["id"], name)
    if not protection.may_push(rules, call.site.level(call.account, call.project)):
        raise message(403, "403 Forbidden")
    async with call.site.writing(call.project):
        try:
            await move(call.repository, f"refs/heads/{name}", ZERO, commit)
        except MovedError as error:
            raise message(400, "Branch already exists") from error
        await pushes.announce(call.site, call.project, call.account, [(ZERO, commit, f"refs/heads/{name}")])
    return call.reply(await _branch(call, Reference(name, commit, commit, "")), 201)


async def delete_branch(call: Call) -> web.Response:
    found = await _find(call, "heads", call.part("branch"), "Branch")
    rules = protection.rules_for(call.site.store, call.project["id"], found.name)
    if found.name == call.project["default_branch"]:
        raise message(405, "The default branch of a project cannot be deleted.")
    if rules and call.site.level(call.account, call.project) < MAINTAINER:
        raise message(405, "Protected branch cannot be removed")
    async with call.site.writing(call.project):
        await move(call.repository, f"refs/heads/{found.name}", found.commit, ZERO)
        update = (found.commit, ZERO, f"refs/heads/{found.name}")
        await pushes.announce(call.site, call.project, call.account, [update])
    return call.gone()


async def _tag(call: Call, reference: Reference) -> Document:
    return {
        "name": reference.name,
        "message": reference.message,
        "target": reference.target,
        "protected": False,
        "release": None,
        "created_at": None,
        "commit": await history.commit(call.repository, call.web_url, reference.commit),
    }


async def tags(call: Call) -> web.Response:
    pattern = f"*{call.text('search')}*"
    found = reversed(await call.repository.references("refs/tags"))
    return call.listed([await _tag(call, one) for one in found if fnmatch.fnmatchcase(one.name, pattern)])


async def tag(call: Call) -> web.Response:
    return call.reply(await _tag(call, await _find(call, "tags", call.part("tag"), "Tag")))


async def create_tag(call: Call) -> web.Response:
    name, ref = call.need("tag_name", "ref")
    full = f"refs/tags/{name}"
    if name.startswith("-") or not await _valid(call, full):
        raise message(400, "Tag name invalid")
    commit = await call.repository.commit_of(ref)
    if commit is None:
        raise message(400, f"Target {ref} is invalid")
    async with call.site.writing(call.project):
        if await call.repository.reference(full):
            raise message(400, f"Tag {name} already exists")
        if call.text("message"):
            who = identity(call.account)
            await call.repository.run(
                "tag", "-a", name, commit, "-F", "-", stdin=call.text("message").encode(), env=who
            )
        else:
            await move(call.repository, full, ZERO, commit)
        target = await call.repository.text("rev-parse", full)
        await pushes.announce(call.site, call.project, call.account, [(ZERO, target, full)])
    return call.reply(await _tag(call, await _find(call, "tags", name, "Tag")), 201)


async def tree(call: Call) -> web.Response:
    commit = await call.repository.commit_of(call.text("ref", call.project["default_branch"]))
    if commit is None:
        raise not_found("Tree")
    folder = call.text("path").strip("/")
    if folder:
        entry = await call.repository.entry(commit, folder)
        if entry is None or entry[1] != "tree":
            raise message(404, "404 invalid revision or path Not Found")
    deep = ("-r", "-t") if call.flag("recursive") else ()
    output = await call.repository.run("ls-tree", "-z", *deep, f"{commit}:{folder}")
    found = []
    for line in output.decode("utf-8", "replace").split("\0")[:-1]:
        facts, path = line.split("\t", 1)
        mode, kind, number = facts.split()
        whole = f"{folder}/{path}" if folder else path
        found.append(
            {"id": number, "name": path.rsplit("/", 1)[-1], "type": kind, "path": whole, "mode": mode}
        )
    return call.listed(found)


async def compare(call: Call) -> web.Response:
    names = call.need("from", "to")
    old, new = [await call.repository.commit_of(name) for name in names]
    if old is None or new is None:
        raise not_found("Ref")
    base = old if call.flag("straight") else await call.repository.merge_base(old, new)
    found = list(reversed(await history.commits(call.repository, call.web_url, f"{old}..{new}")))
    return call.reply(
        {
            "commit": found[-1] if found else None,
            "commits": found,
            "diffs": await history.differences(call.repository, base or old, new),
            "compare_timeout": False,
            "compare_same_ref": old == new,
            "web_url": f"{call.web_url}/-/compare/{names[0]}...{names[1]}",
        }
    )

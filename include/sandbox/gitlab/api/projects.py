"""GitLab API "Projects", "Project members", "Protected branches"."""

from __future__ import annotations

from aiohttp import web

from sandbox.gitlab import protection, writing
from sandbox.gitlab.accounts import DEVELOPER, MAINTAINER, OWNER, REPORTER
from sandbox.gitlab.api.call import Call, on_project, on_site
from sandbox.gitlab.errors import invalid, message, not_found
from sandbox.gitlab.projects import create_project, view
from sandbox.gitlab.store import Document, DuplicateError

BASE = "/api/v4/projects/{id}"


def routes() -> list[web.RouteDef]:
    """Projects themselves, who belongs to them, which branches are protected."""
    return [
        web.get("/api/v4/projects", on_site(listed)),
        web.post("/api/v4/projects", on_site(create)),
        web.get(BASE, on_project(get)),
        web.put(BASE, on_project(update, MAINTAINER)),
        web.get(f"{BASE}/members", on_project(members)),
        web.get(f"{BASE}/members/all", on_project(members)),
        web.get(f"{BASE}/members/all/{{user}}", on_project(member)),
        web.get(f"{BASE}/members/{{user}}", on_project(member)),
        web.post(f"{BASE}/members", on_project(add_member, MAINTAINER)),
        web.get(f"{BASE}/protected_branches", on_project(protected, REPORTER)),
        web.post(f"{BASE}/protected_branches", on_project(protect, MAINTAINER)),
        web.get(f"{BASE}/protected_branches/{{name}}", on_project(one_protected, REPORTER)),
        web.delete(f"{BASE}/protected_branches/{{name}}", on_project(unprotect, MAINTAINER)),
    ]


async def listed(call: Call) -> web.Response:
    search = call.text("search").lower()
    found = [one for one in call.site.store.list("project") if search in one["path_with_namespace"].lower()]
    newest = sorted(found, key=lambda one: int(one["id"]), reverse=call.text("sort", "desc") == "desc")
    return call.listed([await view(call.site, one) for one in newest])


async def create(call: Call) -> web.Response:
    if call.account.level < MAINTAINER:
        raise message(403, "403 Forbidden")
    short = call.text("path") or call.need("name")[0]
    space = call.account.username
    if call.text("namespace_id"):
        group = call.site.store.get("group", int(call.text("namespace_id")))
        if group is None:
            raise message(404, "404 Namespace Not Found")
        space = group["path"]
    project = await create_project(
        call.site,
        f"{space}/{short}",
        call.account,
        name=call.text("name"),
        description=call.text("description"),
        branch=call.text("default_branch"),
    )
    if call.flag("initialize_with_readme"):
        readme = [writing.FileChange("README.md", f"# {project['name']}\n".encode())]
        repository = call.site.repository(project)
        commit = await writing.commit_files(
            repository, None, readme, "Initial commit", writing.identity(call.account)
        )
        await repository.run("update-ref", f"refs/heads/{project['default_branch']}", commit)
    return call.reply(await view(call.site, project), 201)


async def get(call: Call) -> web.Response:
    return call.reply(await view(call.site, call.project))


async def update(call: Call) -> web.Response:
    """Name, description, default branch, CI file; other settings are refused rather than ignored."""
    unknown = sorted(set(call.params) - {"name", "description", "default_branch", "ci_config_path"})
    if unknown:
        raise web.HTTPNotImplemented(reason=f"PUT project with {', '.join(unknown)}")
    project = {**call.project, **dict(call.params)}
    if await call.repository.reference(f"refs/heads/{project['default_branch']}") is None:
        raise message(400, {"base": ["Could not change HEAD: branch does not exist"]})
    await call.repository.run("symbolic-ref", "HEAD", f"refs/heads/{project['default_branch']}")
    call.site.store.put("project", project)
    return call.reply(await view(call.site, project))


def _members(call: Call) -> list[Document]:
    found = []
    for account in call.site.accounts.all:
        level = call.site.level(account, call.project)
        found.append(
            {**account.brief(), "access_level": level, "expires_at": None, "membership_state": "active"}
        )
    return found


async def members(call: Call) -> web.Response:
    return call.listed(_members(call))


async def member(call: Call) -> web.Response:
    for one in _members(call):
        if one["id"] == call.number("user"):
            return call.reply(one)
    raise not_found()


async def add_member(call: Call) -> web.Response:
    user, level = call.need("user_id", "access_level")
    account = call.site.accounts.by_id(int(user)) if user.isdecimal() else None
    if account is None:
        raise message(404, "404 User Not Found")
    if level not in ("10", "20", "30", "40", "50"):
        raise invalid("access_level does not have a valid value")
    membership = {"username": account.username, "access_level": int(level)}
    try:
        call.site.store.add("member", membership, project=call.project["id"], key=account.username)
    except DuplicateError as error:
        raise message(409, "Member already exists") from error
    return call.reply({**account.brief(), "access_level": int(level), "expires_at": None}, 201)


async def protected(call: Call) -> web.Response:
    rules = call.site.store.list("protected_branch", project=call.project["id"])
    return call.listed([protection.view(rule) for rule in rules])


def _rule(call: Call) -> Document:
    rule = call.site.store.find("protected_branch", call.part("name"), project=call.project["id"])
    if rule is None:
        raise not_found()
    return rule


async def one_protected(call: Call) -> web.Response:
    return call.reply(protection.view(_rule(call)))


async def protect(call: Call) -> web.Response:
    (name,) = call.need("name")
    levels = [call.text(f"{kind}_access_level", str(MAINTAINER)) for kind in ("push", "merge")]
    if not set(levels) <= {"0", str(DEVELOPER), str(MAINTAINER), str(OWNER)}:
        raise invalid("push_access_level does not have a valid value")
    push, merge = (int(level) for level in levels)
    force = call.flag("allow_force_push")
    try:
        rule = protection.protect(call.site.store, call.project["id"], name, push, merge, force=force)
    except DuplicateError as error:
        raise message(409, f"Protected branch '{name}' already exists") from error
    return call.reply(protection.view(rule), 201)


async def unprotect(call: Call) -> web.Response:
    call.site.store.remove("protected_branch", _rule(call)["id"])
    return call.gone()

"""GitLab API "Users", "Groups", "Metadata": who am I, who is there, which version."""

from __future__ import annotations

from aiohttp import web

from sandbox.gitlab.accounts import Account
from sandbox.gitlab.api.call import Call, on_site
from sandbox.gitlab.errors import message, not_found
from sandbox.gitlab.projects import PATH
from sandbox.gitlab.site import VERSION
from sandbox.gitlab.store import Document, DuplicateError


def routes() -> list[web.RouteDef]:
    """Calls outside a project."""
    return [
        web.get("/api/v4/version", on_site(version)),
        web.get("/api/v4/metadata", on_site(version)),
        web.get("/api/v4/user", on_site(current)),
        web.get("/api/v4/users", on_site(users)),
        web.get("/api/v4/users/{user}", on_site(user)),
        web.get("/api/v4/groups", on_site(groups)),
        web.get("/api/v4/groups/{group}", on_site(group)),
        web.post("/api/v4/groups", on_site(create_group, admin=True)),
    ]


async def version(call: Call) -> web.Response:
    return call.reply(
        {"version": VERSION, "revision": "sandbox", "kas": {"enabled": False}, "enterprise": False}
    )


def _full(account: Account) -> Document:
    more = {"email": account.email, "public_email": account.email, "is_admin": account.is_admin, "bot": False}
    return {**account.brief(), **more}


async def current(call: Call) -> web.Response:
    return call.reply(_full(call.account))


async def users(call: Call) -> web.Response:
    wanted, search = call.text("username"), call.text("search")
    return call.listed(
        [
            _full(account)
            for account in call.site.accounts.all
            if wanted in ("", account.username)
            and search.lower() in f"{account.username} {account.name}".lower()
        ]
    )


async def user(call: Call) -> web.Response:
    account = call.site.accounts.by_id(call.number("user"))
    if account is None:
        raise not_found("User")
    return call.reply(_full(account))


def _group(call: Call, document: Document) -> Document:
    return {
        "id": document["id"],
        "name": document["name"],
        "path": document["path"].rsplit("/", 1)[-1],
        "full_path": document["path"],
        "full_name": document["path"].replace("/", " / "),
        "parent_id": None,
        "visibility": "internal",
        "web_url": f"{call.site.url}/groups/{document['path']}",
    }


async def groups(call: Call) -> web.Response:
    search = call.text("search")
    return call.listed([_group(call, one) for one in call.site.store.list("group") if search in one["path"]])


async def group(call: Call) -> web.Response:
    wanted = call.part("group")
    store = call.site.store
    found = store.get("group", int(wanted)) if wanted.isdecimal() else store.find("group", wanted)
    if found is None:
        raise not_found("Group")
    return call.reply(_group(call, found))


async def create_group(call: Call) -> web.Response:
    name, path = call.need("name", "path")
    if not PATH.fullmatch(path):
        raise message(400, {"path": ["can contain only letters, digits, '_', '-' and '.'."]})
    try:
        made = call.site.store.add("group", {"path": path, "name": name}, key=path)
    except DuplicateError as error:
        raise message(400, 'Failed to save group {:path=>["has already been taken"]}') from error
    return call.reply(_group(call, made), 201)

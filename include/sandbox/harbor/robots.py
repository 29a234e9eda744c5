"""v2.0: robot accounts: a secret shown once, rights as given, an expiry."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import time
from typing import Any

from aiohttp import web

from sandbox.harbor.accounts import hashed
from sandbox.harbor.database import now
from sandbox.harbor.errors import HarborError, bad_request, conflict, forbidden, not_found
from sandbox.harbor.gate import Harbor
from sandbox.harbor.paging import body_of, page_of
from sandbox.harbor.permissions import Principal
from sandbox.sqlite_file import Row

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_DAY = 86400


class Robots:
    """Handlers of /robots. System robots: system administrators; a project's: its administrators too."""

    def __init__(self, harbor: Harbor) -> None:
        self._harbor = harbor

    def routes(self) -> list[web.RouteDef]:
        """The robot calls."""
        one = r"/api/v2.0/robots/{robot:\d+}"
        return [
            web.get("/api/v2.0/robots", self.browse),
            web.post("/api/v2.0/robots", self.create),
            web.get(one, self.get, allow_head=False),
            web.patch(one, self.refresh),
            web.delete(one, self.delete),
        ]

    async def browse(self, request: web.Request) -> web.Response:
        """GET of the robots that the caller administers."""
        who = self._known(request)
        rows = self._harbor.database.rows("SELECT * FROM robot ORDER BY id")
        kept = [_view(row) for row in rows if _administers(who, json.loads(row["body"]))]
        return page_of(request, kept)

    async def create(self, request: web.Request) -> web.Response:
        """POST: 201 with the secret, which is never shown again; 409 for a name that exists."""
        who = self._known(request)
        body = _checked(await body_of(request))
        if not _administers(who, body):
            raise forbidden()
        secret, present = secrets.token_urlsafe(24), now()
        try:
            identifier = self._harbor.database.run(
                "INSERT INTO robot (name, secret_hash, body, created, updated) VALUES (?, ?, ?, ?, ?)",
                *(body["name"], hashed(secret), json.dumps(body), present, present),
            )
        except sqlite3.IntegrityError as error:
            raise conflict(f"robot account {body['name']} already exists") from error
        location = f"/api/v2.0/robots/{identifier}"
        shown = {"id": identifier, "name": body["name"], "secret": secret}
        shown |= {"creation_time": present, "expires_at": body["expires_at"]}
        return web.json_response(shown, status=201, headers={"Location": location})

    async def get(self, request: web.Request) -> web.Response:
        """GET of one robot, without its secret."""
        return web.json_response(_view(self._found(request)))

    async def refresh(self, request: web.Request) -> web.Response:
        """PATCH: a new secret, given or generated, shown once."""
        robot = self._found(request)
        given = str((await body_of(request)).get("secret") or "")
        if given and not (8 <= len(given) <= 128 and re.search("[A-Z]", given) and re.search("[0-9]", given)):
            raise bad_request("the secret must be 8-128 characters with an upper-case letter and a digit")
        secret = given or secrets.token_urlsafe(24)
        statement = "UPDATE robot SET secret_hash = ?, updated = ? WHERE id = ?"
        self._harbor.database.run(statement, hashed(secret), now(), robot["id"])
        return web.json_response({"secret": secret})

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE of a robot: its tokens die with it."""
        self._harbor.database.run("DELETE FROM robot WHERE id = ?", self._found(request)["id"])
        return web.Response(status=200)

    def _found(self, request: web.Request) -> Row:
        who = self._known(request)
        identifier = int(request.match_info["robot"])
        row = self._harbor.database.row("SELECT * FROM robot WHERE id = ?", identifier)
        if row is None:
            raise not_found(f"robot {identifier}")
        if not _administers(who, json.loads(row["body"])):
            raise forbidden()
        return row

    def _known(self, request: web.Request) -> Principal:
        who = self._harbor.accounts.caller(request)
        if not who.known:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized")
        return who


def _administers(who: Principal, body: dict[str, Any]) -> bool:
    if body["level"] == "system":
        return who.system_admin
    return all(who.may(p["namespace"], "robot", "create") for p in body["permissions"])


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    """A robot as it is kept, under Harbor's full name; 400 for what makes no robot."""
    name, level = str(body.get("name", "")), body.get("level")
    permissions, duration = body.get("permissions"), body.get("duration", -1)
    if not _NAME.fullmatch(name):
        raise bad_request(f"robot name {name!r} is not in lower case or contains illegal characters")
    if level not in {"system", "project"} or not permissions or not isinstance(duration, int):
        raise bad_request("a robot needs a level (system or project), permissions and a duration in days")
    if duration == 0 or duration < -1:
        raise bad_request("bad request: the duration is in days, or -1 for never expiring")
    if any(not p.get("namespace") or not p.get("access") for p in permissions):
        raise bad_request("each permission needs a namespace and its access")
    if level == "project" and len(permissions) != 1:
        raise bad_request("a project robot has the permissions of one project")
    prefix = "" if level == "system" else f"{permissions[0]['namespace']}+"
    return {
        "name": f"robot${prefix}{name}",
        "description": body.get("description", ""),
        "level": level,
        "disable": bool(body.get("disable", False)),
        "duration": duration,
        "expires_at": -1 if duration == -1 else int(time.time()) + duration * _DAY,
        "permissions": permissions,
    }


def _view(row: Row) -> dict[str, Any]:
    times = {"creation_time": row["created"], "update_time": row["updated"]}
    body: dict[str, Any] = json.loads(row["body"])
    return {"id": row["id"], "editable": True} | body | times

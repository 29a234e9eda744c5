"""v2.0: projects and their repositories."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

from aiohttp import web

from sandbox.harbor.database import Database, now
from sandbox.harbor.errors import HarborError, bad_request, conflict, not_found
from sandbox.harbor.gate import Harbor
from sandbox.harbor.names import api_repository_of
from sandbox.harbor.paging import asked, body_of, fits, page_of
from sandbox.harbor.permissions import ROLE_IDS, Principal
from sandbox.sqlite_file import Row

_PROJECT_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


class Projects:
    """Handlers of /projects and /projects/{p}/repositories."""

    def __init__(self, harbor: Harbor) -> None:
        self._harbor = harbor

    def routes(self) -> list[web.RouteDef]:
        """The project and repository calls."""
        base = "/api/v2.0/projects"
        repository = base + "/{project}/repositories"
        return [
            web.head(base, self.exists),
            web.get(base, self.browse, allow_head=False),
            web.post(base, self.create),
            web.get(base + "/{project}", self.get, allow_head=False),
            web.get(repository, self.repositories),
            web.get(repository + "/{repository}", self.repository),
        ]

    async def exists(self, request: web.Request) -> web.Response:
        """HEAD ?project_name=: 200 or 404."""
        self._known(request)
        self._harbor.project(request.query.get("project_name", ""))
        return web.Response(status=200)

    async def browse(self, request: web.Request) -> web.Response:
        """GET of the projects that the caller may read."""
        who = self._known(request)
        wanted = asked(request)
        name = request.query.get("name")
        condition = f"~{name}" if name else wanted.get("name")
        shown = [
            self._view(row, who)
            for row in self._harbor.database.rows("SELECT * FROM project ORDER BY name")
            if who.may(row["name"], "project", "read") and (condition is None or fits(condition, row["name"]))
        ]
        return page_of(request, shown)

    async def create(self, request: web.Request) -> web.Response:
        """POST: 201 + Location; 409 for a name that exists. System administrators only."""
        who = self._harbor.admit_system_admin(request)
        body = await body_of(request)
        name = body.get("project_name", "")
        if not isinstance(name, str) or not _PROJECT_NAME.fullmatch(name):
            raise bad_request(f"project name {name!r} is not in lower case or contains illegal characters")
        metadata = {"public": "false"} | (body.get("metadata") or {})
        try:
            identifier = insert_project(
                self._harbor.database, name, who.name, metadata, body.get("storage_limit") or -1
            )
        except sqlite3.IntegrityError as error:
            raise conflict(f"The project named {name} already exists") from error
        return web.Response(status=201, headers={"Location": f"/api/v2.0/projects/{identifier}"})

    async def get(self, request: web.Request) -> web.Response:
        """GET of a project by name or id (X-Is-Resource-Name: true makes digits a name)."""
        row = self.by_name_or_id(request)
        who = self._harbor.admit(request, row["name"], "project", "read")
        return web.json_response(self._view(row, who))

    async def repositories(self, request: web.Request) -> web.Response:
        """GET of a project's repositories."""
        name = request.match_info["project"]
        self._harbor.admit(request, name, "repository", "list")
        wanted = asked(request).get("name")
        query = "SELECT * FROM repository WHERE project_id = ? ORDER BY name"
        rows = self._harbor.database.rows(query, self._harbor.project(name)["id"])
        kept = [self._repository_view(row) for row in rows if wanted is None or fits(wanted, row["name"])]
        return page_of(request, kept)

    async def repository(self, request: web.Request) -> web.Response:
        """GET of one repository."""
        project, name = api_repository_of(request)
        self._harbor.admit(request, project, "repository", "read")
        row = self._harbor.database.row("SELECT * FROM repository WHERE name = ?", name)
        if row is None:
            raise not_found(f"repository {name}")
        return web.json_response(self._repository_view(row))

    def by_name_or_id(self, request: web.Request) -> Row:
        """The project a path names; digits are an id unless the header says otherwise."""
        given = request.match_info["project"]
        if given.isdigit() and request.headers.get("X-Is-Resource-Name", "").lower() != "true":
            row = self._harbor.database.row("SELECT * FROM project WHERE id = ?", int(given))
            if row is None:
                self._known(request)
                raise not_found(f"project {given}")
            return row
        self._known(request)
        return self._harbor.project(given)

    def _known(self, request: web.Request) -> Principal:
        who = self._harbor.accounts.caller(request)
        if not who.known:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized")
        return who

    def _view(self, row: Row, who: Principal) -> dict[str, Any]:
        count = "SELECT count(*) FROM repository WHERE project_id = ?"
        role = ROLE_IDS.get(who.role, 0)
        return {
            "project_id": row["id"],
            "owner_id": 1,
            "owner_name": row["owner"],
            "name": row["name"],
            "creation_time": row["created"],
            "update_time": row["created"],
            "deleted": False,
            "current_user_role_id": role,
            "current_user_role_ids": [role] if role else [],
            "repo_count": self._harbor.database.number(count, row["id"]),
            "metadata": json.loads(row["metadata"]),
        }

    def _repository_view(self, row: Row) -> dict[str, Any]:
        count = "SELECT count(*) FROM artifact WHERE repository_id = ? AND subject IS NULL"
        return {
            "id": row["id"],
            "project_id": row["project_id"],
            "name": row["name"],
            "artifact_count": self._harbor.database.number(count, row["id"]),
            "pull_count": row["pulls"],
            "creation_time": row["created"],
            "update_time": row["updated"],
        }


def insert_project(
    database: Database, name: str, owner: str, metadata: dict[str, str], storage_limit: int = -1
) -> int:
    """Insert a project; sqlite3.IntegrityError when it exists."""
    return database.run(
        "INSERT INTO project (name, owner, metadata, storage_limit, created) VALUES (?, ?, ?, ?, ?)",
        *(name, owner, json.dumps(metadata), storage_limit, now()),
    )

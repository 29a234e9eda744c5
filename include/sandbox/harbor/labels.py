"""Labels, global and per project, and putting them on artifacts."""

from __future__ import annotations

import sqlite3
from typing import Any

from aiohttp import web

from sandbox.harbor.artifacts import Artifacts
from sandbox.harbor.database import now
from sandbox.harbor.errors import HarborError, bad_request, conflict, not_found
from sandbox.harbor.gate import Harbor
from sandbox.harbor.names import api_repository_of
from sandbox.harbor.paging import asked, body_of, fits, page_of
from sandbox.sqlite_file import Row

_ARTIFACT = "/api/v2.0/projects/{project}/repositories/{repository}/artifacts/{reference}"


class Labels:
    """Handlers of /labels and of an artifact's labels."""

    def __init__(self, harbor: Harbor, artifacts: Artifacts) -> None:
        self._harbor = harbor
        self._artifacts = artifacts

    def routes(self) -> list[web.RouteDef]:
        """The label calls."""
        return [
            web.get("/api/v2.0/labels", self.browse),
            web.post("/api/v2.0/labels", self.create),
            web.post(f"{_ARTIFACT}/labels", self.put_on),
            web.delete(f"{_ARTIFACT}/labels/{{label:\\d+}}", self.take_off),
        ]

    async def browse(self, request: web.Request) -> web.Response:
        """GET by scope: global (`g`) or a project's (`p` with project_id)."""
        scope = request.query.get("scope", "")
        if scope not in {"g", "p"}:
            raise bad_request(f"invalid scope: {scope}")
        project_id = int(request.query.get("project_id", 0)) if scope == "p" else 0
        self._admit(request, scope, project_id, "list")
        query = "SELECT * FROM label WHERE scope = ? AND project_id = ? ORDER BY id"
        wanted = asked(request) | ({"name": request.query["name"]} if "name" in request.query else {})
        rows = self._harbor.database.rows(query, scope, project_id)
        kept = [label_view(row) for row in rows if fits(wanted.get("name", row["name"]), row["name"])]
        return page_of(request, kept)

    async def create(self, request: web.Request) -> web.Response:
        """POST: 201 + Location, 409 for a name that exists in the scope."""
        body = await body_of(request)
        scope, project_id = body.get("scope", "g"), int(body.get("project_id") or 0)
        if not body.get("name") or scope not in {"g", "p"}:
            raise bad_request("a label needs a name and the scope g or p")
        self._admit(request, scope, project_id, "create")
        values = (body["name"], body.get("description", ""), body.get("color", ""), scope, project_id, now())
        statement = (
            "INSERT INTO label (name, description, color, scope, project_id, created)"
            " VALUES (?, ?, ?, ?, ?, ?)"
        )
        try:
            identifier = self._harbor.database.run(statement, *values)
        except sqlite3.IntegrityError as error:
            raise conflict(f"label {body['name']} already exists") from error
        return web.Response(status=201, headers={"Location": f"/api/v2.0/labels/{identifier}"})

    async def put_on(self, request: web.Request) -> web.Response:
        """POST of {id} to an artifact: 200, 404 for an unknown label, 409 when it is there."""
        project, repository = api_repository_of(request)
        self._harbor.admit(request, project, "artifact-label", "create")
        artifact = self._artifacts.get(repository, request.match_info["reference"])
        label = (await body_of(request)).get("id")
        row = self._harbor.database.row("SELECT * FROM label WHERE id = ?", label)
        if row is None or row["project_id"] not in {0, artifact["project_id"]}:
            raise not_found(f"label {label}")
        try:
            self._harbor.database.run("INSERT INTO artifact_label VALUES (?, ?)", artifact["id"], label)
        except sqlite3.IntegrityError as error:
            message = f"label {label} is already added to the artifact {artifact['id']}"
            raise conflict(message) from error
        return web.Response(status=200)

    async def take_off(self, request: web.Request) -> web.Response:
        """DELETE of a label from an artifact."""
        project, repository = api_repository_of(request)
        self._harbor.admit(request, project, "artifact-label", "delete")
        artifact = self._artifacts.get(repository, request.match_info["reference"])
        label = int(request.match_info["label"])
        statement = "DELETE FROM artifact_label WHERE artifact_id = ? AND label_id = ?"
        if not self._harbor.database.changed(statement, artifact["id"], label):
            raise not_found(f"label {label} of the artifact {artifact['id']}")
        return web.Response(status=200)

    def _admit(self, request: web.Request, scope: str, project_id: int, action: str) -> None:
        if scope == "p":
            row = self._harbor.database.row("SELECT name FROM project WHERE id = ?", project_id)
            if row is None:
                raise not_found(f"project {project_id}")
            self._harbor.admit(request, row["name"], "label", action)
        elif action == "create":
            self._harbor.admit_system_admin(request)
        elif not self._harbor.accounts.caller(request).known:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized")


def label_view(row: Row) -> dict[str, Any]:
    """One label."""
    shown = {key: row[key] for key in ("id", "name", "description", "color", "scope", "project_id")}
    return shown | {"creation_time": row["created"], "update_time": row["created"]}

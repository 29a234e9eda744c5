"""v2.0: a project's immutable tag rules."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from sandbox.harbor.errors import bad_request, conflict, not_found
from sandbox.harbor.gate import Harbor
from sandbox.harbor.paging import body_of, page_of
from sandbox.harbor.projects import Projects
from sandbox.sqlite_file import Row


class ImmutableRules:
    """Handlers of /projects/{p}/immutabletagrules."""

    def __init__(self, harbor: Harbor, projects: Projects) -> None:
        self._harbor = harbor
        self._projects = projects

    def routes(self) -> list[web.RouteDef]:
        """The rule calls."""
        base = "/api/v2.0/projects/{project}/immutabletagrules"
        return [
            web.get(base, self.browse),
            web.post(base, self.create),
            web.put(base + r"/{rule:\d+}", self.update),
            web.delete(base + r"/{rule:\d+}", self.delete),
        ]

    async def browse(self, request: web.Request) -> web.Response:
        """GET of the project's rules."""
        return page_of(request, self._rules(self._admitted(request, "list")))

    async def create(self, request: web.Request) -> web.Response:
        """POST: 201 + Location; 409 for a rule that selects the same."""
        project = self._admitted(request, "create")
        rule = _checked(await body_of(request))
        if any(_selection(known) == _selection(rule) for known in self._rules(project)):
            raise conflict("the immutable tag rule already exists")
        statement = "INSERT INTO immutable_rule (project_id, body) VALUES (?, ?)"
        identifier = self._harbor.database.run(statement, project["id"], json.dumps(rule))
        return web.Response(status=201, headers={"Location": f"{request.path}/{identifier}"})

    async def update(self, request: web.Request) -> web.Response:
        """PUT: replace a rule, or switch it off with `disabled`."""
        project = self._admitted(request, "update")
        rule = _checked(await body_of(request))
        statement = "UPDATE immutable_rule SET body = ? WHERE id = ? AND project_id = ?"
        self._one(statement, request, json.dumps(rule), project=project)
        return web.Response(status=200)

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE of a rule."""
        project = self._admitted(request, "delete")
        self._one("DELETE FROM immutable_rule WHERE id = ? AND project_id = ?", request, project=project)
        return web.Response(status=200)

    def _one(self, statement: str, request: web.Request, *values: str, project: Row) -> None:
        rule = int(request.match_info["rule"])
        if not self._harbor.database.changed(statement, *values, rule, project["id"]):
            raise not_found(f"immutable tag rule {rule} in project {project['name']}")

    def _rules(self, project: Row) -> list[dict[str, Any]]:
        query = "SELECT * FROM immutable_rule WHERE project_id = ? ORDER BY id"
        rows = self._harbor.database.rows(query, project["id"])
        return [json.loads(row["body"]) | {"id": row["id"]} for row in rows]

    def _admitted(self, request: web.Request, action: str) -> Row:
        project = self._projects.by_name_or_id(request)
        self._harbor.admit(request, project["name"], "immutable-tag", action)
        return project


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    """The parts of a rule that count; 400 for a selector that is not one."""
    tags, scopes = body.get("tag_selectors"), (body.get("scope_selectors") or {}).get("repository")
    for selectors, decorations in (
        (tags, {"matches", "excludes"}),
        (scopes, {"repoMatches", "repoExcludes"}),
    ):
        if not isinstance(selectors, list) or not selectors:
            raise bad_request("a rule needs tag_selectors and scope_selectors.repository")
        if any(s.get("decoration") not in decorations or not s.get("pattern") for s in selectors):
            raise bad_request(f"a selector needs a pattern and a decoration of {sorted(decorations)}")
    return {
        "action": "immutable",
        "template": "immutable_template",
        "disabled": bool(body.get("disabled", False)),
        "priority": int(body.get("priority") or 0),
        "tag_selectors": tags,
        "scope_selectors": {"repository": scopes},
    }


def _selection(rule: dict[str, Any]) -> str:
    return json.dumps([rule["tag_selectors"], rule["scope_selectors"]], sort_keys=True)

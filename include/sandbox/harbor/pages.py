"""Pages for people at the addresses of Harbor's own portal, so that links work here and there.

/harbor/projects, /harbor/projects/<id or name>/repositories, …/<repository>/artifacts-tab, and
…/artifacts-tab/artifacts/<digest>. A browser is asked for user and password.
"""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote, unquote

from aiohttp import web

from sandbox.harbor.artifact_view import ArtifactView, Detail
from sandbox.harbor.artifacts import Artifacts
from sandbox.harbor.errors import HarborError, forbidden, not_found
from sandbox.harbor.gate import Harbor
from sandbox.harbor.permissions import Principal
from sandbox.sqlite_file import Row

_STYLE = (
    "body{font-family:sans-serif;margin:2em}td,th{text-align:left;padding:.2em 1em}td{font-family:monospace}"
)
_DETAIL = Detail(tag=True, label=True, scan_overview=True, accessory=True, immutable_status=True)


class Pages:
    """Handlers of the pages."""

    def __init__(self, harbor: Harbor, artifacts: Artifacts, view: ArtifactView) -> None:
        self._harbor = harbor
        self._artifacts = artifacts
        self._view = view

    def routes(self) -> list[web.RouteDef]:
        """The pages."""
        repositories = "/harbor/projects/{project}/repositories"
        tab = repositories + "/{repository}/artifacts-tab"
        return [
            web.get("/", self.projects),
            web.get("/harbor/projects", self.projects),
            web.get(repositories, self.repositories),
            web.get(tab, self.repository),
            web.get(tab + "/artifacts/{digest}", self.artifact),
        ]

    async def projects(self, request: web.Request) -> web.Response:
        """All projects that the person may see."""
        who = self._person(request)
        rows = self._harbor.database.rows("SELECT * FROM project ORDER BY name")
        seen = [row for row in rows if who.may(row["name"], "repository", "list")]
        lines = [_link(f"/harbor/projects/{row['id']}/repositories", row["name"]) for row in seen]
        return _page("Projects", [[line] for line in lines], ["Project"])

    async def repositories(self, request: web.Request) -> web.Response:
        """The repositories of a project."""
        project = self._project(request)
        query = "SELECT * FROM repository WHERE project_id = ? ORDER BY name"
        rows = self._harbor.database.rows(query, project["id"])
        lines = [
            [_link(_tab(project, row["name"]), row["name"]), str(row["pulls"]), row["updated"]]
            for row in rows
        ]
        return _page(project["name"], lines, ["Repository", "Pulls", "Pushed"])

    async def repository(self, request: web.Request) -> web.Response:
        """The artifacts of a repository, newest first."""
        project = self._project(request)
        name = f"{project['name']}/{unquote(request.match_info['repository'])}"
        query = (
            "SELECT a.*, r.name AS repository, r.project_id FROM artifact a"
            " JOIN repository r ON r.id = a.repository_id WHERE r.id = ? AND a.subject IS NULL"
            " ORDER BY a.pushed DESC, a.id DESC"
        )
        rows = self._harbor.database.rows(query, self._artifacts.repository(name)["id"])
        lines = []
        for row in rows:
            tags = ", ".join(tag["name"] for tag in self._artifacts.tags(row))
            link = _link(f"{_tab(project, name)}/artifacts/{row['digest']}", row["digest"])
            lines.append([link, escape(tags), str(row["size"]), row["pushed"]])
        return _page(name, lines, ["Artifact", "Tags", "Bytes", "Pushed"])

    async def artifact(self, request: web.Request) -> web.Response:
        """One artifact: digest, tags, size, accessories, scan, times."""
        project = self._project(request)
        name = f"{project['name']}/{unquote(request.match_info['repository'])}"
        shown = self._view.artifact(self._artifacts.get(name, request.match_info["digest"]), _DETAIL)
        lines = [
            [key, escape(str(shown.get(key, "")))]
            for key in (
                "digest",
                "type",
                "manifest_media_type",
                "size",
                "push_time",
                "pull_time",
                "annotations",
            )
        ]
        lines += [["tag", _tag_line(tag)] for tag in shown["tags"]]
        lines += [["label", escape(label["name"])] for label in shown["labels"]]
        for accessory in shown["accessories"]:
            link = _link(f"{_tab(project, name)}/artifacts/{accessory['digest']}", accessory["digest"])
            lines.append(["accessory", f"{escape(accessory['type'])} {link}"])
        for scan in shown.get("scan_overview", {}).values():
            scanner = f"{scan['scanner']['name']} ({scan['scanner']['vendor']})"
            lines.append(["scan", escape(f"{scan['scan_status']} by {scanner}: severity {scan['severity']}")])
        return _page(f"{name}@{shown['digest'][:19]}", lines, ["", ""])

    def _person(self, request: web.Request) -> Principal:
        ask = {"WWW-Authenticate": 'Basic realm="harbor"'}
        try:
            who = self._harbor.accounts.caller(request)
        except HarborError as error:
            error.headers.update(ask)
            raise
        if not who.known:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized", ask)
        return who

    def _project(self, request: web.Request) -> Row:
        who, given = self._person(request), request.match_info["project"]
        query = "SELECT * FROM project WHERE CAST(id AS TEXT) = ? OR name = ?"
        row = self._harbor.database.row(query, given, given)
        if row is None:
            raise not_found(f"project {given}")
        if not who.may(row["name"], "repository", "list"):
            raise forbidden()
        return row


def _tab(project: Row, repository: str) -> str:
    name = quote(quote(repository.partition("/")[2], safe=""), safe="")
    return f"/harbor/projects/{project['id']}/repositories/{name}/artifacts-tab"


def _tag_line(tag: dict[str, Any]) -> str:
    return escape(f"{tag['name']}{' (immutable)' if tag['immutable'] else ''} pushed {tag['push_time']}")


def _link(to: str, text: str) -> str:
    return f'<a href="{escape(to)}">{escape(text)}</a>'


def _page(title: str, lines: list[list[str]], heads: list[str]) -> web.Response:
    head = "".join(f"<th>{name}" for name in heads)
    rows = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in line)}" for line in lines)
    text = (
        f"<!doctype html><meta charset=utf-8><title>{escape(title)} · Harbor</title><style>{_STYLE}</style>"
        f"<h1>{escape(title)}</h1><table><tr>{head}{rows}</table>"
    )
    return web.Response(text=text, content_type="text/html")

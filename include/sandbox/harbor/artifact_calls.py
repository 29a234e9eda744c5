"""v2.0: repositories, artifacts, their copies, tags and accessories."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from sandbox.harbor.artifact_view import ArtifactView, Detail
from sandbox.harbor.artifacts import Artifacts
from sandbox.harbor.errors import bad_request, conflict
from sandbox.harbor.gate import Harbor
from sandbox.harbor.names import api_repository_of, checked_tag
from sandbox.harbor.paging import asked, body_of, fits, flag, page_of
from sandbox.sqlite_file import Row

_REPOSITORIES = "/api/v2.0/projects/{project}/repositories"
_ARTIFACTS = _REPOSITORIES + "/{repository}/artifacts"
_FROM = re.compile(r"(?P<repository>[^@:]+/[^@:]+)(?:@(?P<digest>\w+:[0-9a-f]+)|:(?P<tag>[\w][\w.-]*))")


class ArtifactCalls:
    """Handlers of /projects/{p}/repositories/{r}/artifacts/…"""

    def __init__(self, harbor: Harbor, artifacts: Artifacts, view: ArtifactView) -> None:
        self._harbor = harbor
        self._artifacts = artifacts
        self._view = view

    def routes(self) -> list[web.RouteDef]:
        """The artifact calls."""
        one = _ARTIFACTS + "/{reference}"
        return [
            web.get(_ARTIFACTS, self.browse),
            web.post(_ARTIFACTS, self.copy),
            web.get(one, self.get, allow_head=False),
            web.delete(one, self.delete),
            web.get(f"{one}/tags", self.tags),
            web.post(f"{one}/tags", self.tag),
            web.delete(f"{one}/tags/{{tag}}", self.untag),
            web.get(f"{one}/accessories", self.accessories),
        ]

    async def browse(self, request: web.Request) -> web.Response:
        """GET of artifacts, newest first; accessories and untagged children show with what they belong to."""
        project, repository = api_repository_of(request)
        self._harbor.admit(request, project, "artifact", "list")
        rows = self._harbor.database.rows(
            "SELECT a.*, r.name AS repository, r.project_id FROM artifact a"
            " JOIN repository r ON r.id = a.repository_id WHERE r.id = ? AND a.subject IS NULL"
            " AND (EXISTS (SELECT 1 FROM tag t WHERE t.artifact_id = a.id) OR NOT EXISTS ("
            "   SELECT 1 FROM child c JOIN artifact p ON p.id = c.parent_id"
            "   WHERE p.repository_id = a.repository_id AND c.digest = a.digest))"
            " ORDER BY a.pushed DESC, a.id DESC",
            self._artifacts.repository(repository)["id"],
        )
        wanted, detail = asked(request), Detail.of(request)
        kept = [row for row in rows if self._fits(row, wanted)]
        return page_of(request, [self._view.artifact(row, detail) for row in kept])

    def _fits(self, row: Row, wanted: dict[str, str]) -> bool:
        if "digest" in wanted and not fits(wanted["digest"], row["digest"]):
            return False
        names = [tag["name"] for tag in self._artifacts.tags(row)]
        condition = wanted.get("tags")
        if condition is None:
            return True
        if condition in {"*", "nil"}:
            return bool(names) == (condition == "*")
        return any(fits(condition, name) for name in names)

    async def get(self, request: web.Request) -> web.Response:
        """GET of one artifact by tag or digest."""
        return web.json_response(self._view.artifact(self._found(request, "read"), Detail.of(request)))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE of one artifact; 412 when a tag of it is immutable."""
        artifact = self._found(request, "delete")
        with self._harbor.database.together():
            self._artifacts.delete(artifact)
        return web.Response(status=200)

    async def copy(self, request: web.Request) -> web.Response:
        """CopyArtifact: POST ?from=project/repository@digest (or :tag). Copying again is 201 too."""
        project, repository = api_repository_of(request)
        self._harbor.admit(request, project, "artifact", "create")
        source = _FROM.fullmatch(request.query.get("from", ""))
        if source is None:
            raise bad_request(f"invalid from: {request.query.get('from', '')!r}")
        self._harbor.admit(request, source["repository"].partition("/")[0], "artifact", "read")
        artifact = self._artifacts.get(source["repository"], source["digest"] or source["tag"])
        with self._harbor.database.together():
            self._artifacts.copy(artifact, repository)
        location = f"{request.rel_url.raw_path.rstrip('/')}/{artifact['digest']}"
        return web.Response(status=201, headers={"Location": location})

    async def tags(self, request: web.Request) -> web.Response:
        """GET of an artifact's tags."""
        artifact = self._found(request, "read")
        immutable = flag(request, "with_immutable_status")
        shown = [self._view.tag(artifact, tag, immutable) for tag in self._artifacts.tags(artifact)]
        return page_of(request, shown)

    async def tag(self, request: web.Request) -> web.Response:
        """POST {name}: 201; 409 when the repository has the tag already, on whatever artifact."""
        project, repository = api_repository_of(request)
        self._harbor.admit(request, project, "tag", "create")
        artifact = self._artifacts.get(repository, request.match_info["reference"])
        name = checked_tag(str((await body_of(request)).get("name", "")))
        if self._artifacts.find(repository, name) is not None:
            raise conflict(f"tag {name} already exists")
        self._artifacts.tag(artifact, name)
        location = f"{request.rel_url.raw_path.rstrip('/')}/{name}"
        return web.Response(status=201, headers={"Location": location})

    async def untag(self, request: web.Request) -> web.Response:
        """DELETE of a tag: 200, 412 when it is immutable."""
        project, repository = api_repository_of(request)
        self._harbor.admit(request, project, "tag", "delete")
        artifact = self._artifacts.get(repository, request.match_info["reference"])
        self._artifacts.untag(artifact, request.match_info["tag"])
        return web.Response(status=200)

    async def accessories(self, request: web.Request) -> web.Response:
        """GET of what is about an artifact: signatures, SBOMs, reports."""
        artifact = self._found(request, "read")
        shown: list[dict[str, Any]] = []
        for row in self._artifacts.accessories(artifact):
            shown.append(self._view.accessory(artifact, row))
        return page_of(request, shown)

    def _found(self, request: web.Request, action: str) -> Row:
        project, repository = api_repository_of(request)
        self._harbor.admit(request, project, "artifact", action)
        return self._artifacts.get(repository, request.match_info["reference"])

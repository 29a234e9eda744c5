"""v2.0: what each project may store and stores. Limits are kept, shown, and enforced nowhere here."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.harbor.errors import HarborError, forbidden, not_found
from sandbox.harbor.gate import Harbor
from sandbox.harbor.paging import page_of
from sandbox.sqlite_file import Row


class Quotas:
    """Handlers of /quotas."""

    def __init__(self, harbor: Harbor) -> None:
        self._harbor = harbor

    def routes(self) -> list[web.RouteDef]:
        """The quota calls."""
        return [
            web.get("/api/v2.0/quotas", self.browse),
            web.get(r"/api/v2.0/quotas/{quota:\d+}", self.get, allow_head=False),
        ]

    async def browse(self, request: web.Request) -> web.Response:
        """GET of the quotas of the projects that the caller may read."""
        who = self._harbor.accounts.caller(request)
        if not who.known:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized")
        rows = self._harbor.database.rows("SELECT * FROM project ORDER BY id")
        wanted = request.query.get("reference_id")
        return page_of(
            request,
            [
                self._view(row)
                for row in rows
                if who.may(row["name"], "quota", "read") and wanted in {None, str(row["id"])}
            ],
        )

    async def get(self, request: web.Request) -> web.Response:
        """GET of one quota; its number is its project's."""
        number = int(request.match_info["quota"])
        who = self._harbor.accounts.caller(request)
        row = self._harbor.database.row("SELECT * FROM project WHERE id = ?", number)
        if row is None:
            raise not_found(f"quota {number}")
        if not who.may(row["name"], "quota", "read"):
            raise forbidden()
        return web.json_response(self._view(row))

    def _view(self, project: Row) -> dict[str, Any]:
        used = (
            "SELECT sum(a.size) FROM artifact a JOIN repository r ON r.id = a.repository_id"
            " WHERE r.project_id = ?"
        )
        return {
            "id": project["id"],
            "ref": {"id": project["id"], "name": project["name"], "owner_name": project["owner"]},
            "creation_time": project["created"],
            "update_time": project["created"],
            "hard": {"storage": project["storage_limit"]},
            "used": {"storage": self._harbor.database.number(used, project["id"])},
        }

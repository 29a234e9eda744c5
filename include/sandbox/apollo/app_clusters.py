"""Portal: the clusters of an app in an environment. A new one gets every namespace that the app has."""

from __future__ import annotations

import re

from aiohttp import web

from sandbox.apollo.consumers import body_of, operator_of
from sandbox.apollo.errors import bad_request, not_found
from sandbox.apollo.portal import Portal
from sandbox.apollo.records import now
from sandbox.sqlite_file import Row

_NAME = re.compile(r"[0-9A-Za-z_.-]{1,32}")
_CLUSTERS = "/openapi/v1/envs/{env}/apps/{app}/clusters"


class AppClusters:
    """Handlers of …/clusters and …/clusters/{cluster}."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """The cluster calls."""
        return [web.post(_CLUSTERS, self.create), web.get(_CLUSTERS + "/{cluster}", self.get)]

    async def create(self, request: web.Request) -> web.Response:
        """POST of {name, appId, dataChangeCreatedBy}; 400 when the app has that cluster here."""
        env = self._portal.environment(request)
        self._portal.consumers.writer(request, env)
        app_id = self._portal.app(request.match_info["app"])["app_id"]
        body = await body_of(request)
        operator = operator_of(request, body, "dataChangeCreatedBy")
        name = str(body.get("name") or "")
        if body.get("appId") != app_id:
            raise bad_request(f"AppId not equal. AppId in path = {app_id}, payload = {body.get('appId')}")
        if not _NAME.fullmatch(name):
            raise bad_request(f"Invalid clusterName format: {name!r}")
        rows = self._namespaces(env, app_id)
        if any(row["cluster"] == name for row in rows):
            raise bad_request(f"cluster already exists for clusterName:{name}")
        with self._portal.records.together():
            for row in rows:
                if row["cluster"] == "default":
                    self._portal.records.run(
                        "INSERT INTO namespace (env, app_id, cluster, name, comment, format, is_public,"
                        " created_by, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        *(env, app_id, name, row["name"], row["comment"], row["format"]),
                        *(row["is_public"], operator, now()),
                    )
        return web.json_response(self._shown(env, app_id, name))

    async def get(self, request: web.Request) -> web.Response:
        """GET of one cluster."""
        self._portal.consumers.reader(request)
        env = self._portal.environment(request)
        app_id = self._portal.app(request.match_info["app"])["app_id"]
        return web.json_response(self._shown(env, app_id, request.match_info["cluster"]))

    def _namespaces(self, env: str, app_id: str) -> list[Row]:
        query = "SELECT * FROM namespace WHERE env = ? AND app_id = ? ORDER BY id"
        return self._portal.records.rows(query, env, app_id)

    def _shown(self, env: str, app_id: str, name: str) -> dict[str, str]:
        first = next((row for row in self._namespaces(env, app_id) if row["cluster"] == name), None)
        if first is None:
            raise not_found(f"cluster not found for clusterName:{name}")
        return {
            "name": name,
            "appId": app_id,
            "dataChangeCreatedBy": first["created_by"],
            "dataChangeLastModifiedBy": first["created_by"],
            "dataChangeCreatedTime": first["created"],
            "dataChangeLastModifiedTime": first["created"],
        }

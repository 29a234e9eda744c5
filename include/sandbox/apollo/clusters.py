"""Portal: an app's clusters in one environment. A new one gets every namespace that the app has there."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from sandbox.apollo.consumers import body_of, operator_of
from sandbox.apollo.errors import bad_request, not_found
from sandbox.apollo.portal import Portal
from sandbox.apollo.records import now
from sandbox.sqlite_file import Row

_NAME = re.compile(r"[0-9A-Za-z_.-]{1,32}")
_CLUSTERS = "/openapi/v1/envs/{env}/apps/{app}/clusters"


class Clusters:
    """Handlers of …/clusters and …/clusters/{cluster}."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """The cluster calls."""
        return [web.post(_CLUSTERS, self.create), web.get(_CLUSTERS + "/{cluster}", self.get)]

    async def create(self, request: web.Request) -> web.Response:
        """POST: a cluster with the app's namespaces, nothing released in them."""
        env = self._portal.environment(request)
        self._portal.consumers.writer(request, env)
        app = self._portal.app(request.match_info["app"])["app_id"]
        body = await body_of(request)
        operator = operator_of(request, body, "dataChangeCreatedBy")
        name = str(body.get("name") or "")
        if body.get("appId") != app or not _NAME.fullmatch(name):
            raise bad_request(f"appId must be {app}, name valid (letters, digits, - _ ., at most 32)")
        if self._rows(env, app, name):
            raise bad_request(f"cluster already exists for appId:{app} clusterName:{name}")
        with self._portal.records.together():
            for row in self._rows(env, app, "default"):
                self._portal.records.run(
                    "INSERT INTO namespace (env, app_id, cluster, name, comment, format, is_public,"
                    " created_by, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    *(env, app, name, row["name"], row["comment"], row["format"], row["is_public"]),
                    *(operator, now()),
                )
        return web.json_response(_view(self._rows(env, app, name)[0]))

    async def get(self, request: web.Request) -> web.Response:
        """GET of one cluster."""
        self._portal.consumers.reader(request)
        env, info = self._portal.environment(request), request.match_info
        rows = self._rows(env, self._portal.app(info["app"])["app_id"], info["cluster"])
        if not rows:
            raise not_found(f"cluster not found for appId:{info['app']} clusterName:{info['cluster']}")
        return web.json_response(_view(rows[0]))

    def _rows(self, env: str, app: str, cluster: str) -> list[Row]:
        query = "SELECT * FROM namespace WHERE env = ? AND app_id = ? AND cluster = ? ORDER BY id"
        return self._portal.records.rows(query, env, app, cluster)


def _view(namespace: Row) -> dict[str, Any]:
    stamps = {"dataChangeCreatedBy": namespace["created_by"], "dataChangeCreatedTime": namespace["created"]}
    last = {
        "dataChangeLastModifiedBy": namespace["created_by"],
        "dataChangeLastModifiedTime": namespace["created"],
    }
    return {"name": namespace["cluster"], "appId": namespace["app_id"], **stamps, **last}

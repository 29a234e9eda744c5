"""Portal: apps, their environments, clusters and namespaces."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from aiohttp import web

from sandbox.apollo.consumers import ENVIRONMENTS, body_of, existing, operator_of
from sandbox.apollo.errors import bad_request
from sandbox.apollo.items import item_view
from sandbox.apollo.portal import NAMESPACE, Portal, text
from sandbox.apollo.records import now
from sandbox.sqlite_file import Row

_NAME = re.compile(r"[0-9A-Za-z_.-]{1,64}")
_FORMATS = ("properties", "xml", "json", "yml", "yaml", "txt")


class Apps:
    """Handlers of /openapi/v1/apps, /envs and …/namespaces."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """The app and namespace calls."""
        apps = "/openapi/v1/apps"
        return [
            web.get("/openapi/v1/envs", self.environments),
            web.post(apps, self.create),
            web.get(apps, self.browse),
            web.get(apps + "/authorized", self.browse),
            web.get(apps + "/{app}", self.get),
            web.get(apps + "/{app}/envclusters", self.env_clusters),
            web.post(apps + "/{app}/appnamespaces", self.create_namespace),
            web.get(NAMESPACE.rpartition("/")[0], self.namespaces),
            web.get(NAMESPACE, self.namespace),
            web.get(NAMESPACE + "/lock", self.lock),
        ]

    async def environments(self, request: web.Request) -> web.Response:
        """GET of the environments."""
        self._portal.consumers.reader(request)
        return web.json_response(list(ENVIRONMENTS))

    async def create(self, request: web.Request) -> web.Response:
        """POST: an app in all environments, with cluster `default` and namespace `application`."""
        creator = self._portal.consumers.administrator(request)
        body = await body_of(request)
        app = body.get("app") or {}
        app_id, owner = app.get("appId") or "", existing(str(app.get("ownerName") or ""))
        if not _NAME.fullmatch(app_id) or not app.get("name") or not app.get("orgId"):
            raise bad_request("app needs appId (letters, digits, - _ .), name, orgId, orgName and ownerName")
        for admin in body.get("admins") or []:
            existing(admin)
        values = (app_id, app["name"], app["orgId"], app.get("orgName", ""), owner)
        records = self._portal.records
        try:
            with records.together():
                records.run(
                    "INSERT INTO app VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    *(*values, app.get("ownerEmail", ""), creator, now()),
                )
                for env in ENVIRONMENTS:
                    place = (env, app_id, "default", "application")
                    self._insert(place, "default app namespace", "properties", creator)
        except sqlite3.IntegrityError as error:
            raise bad_request(f"App already exists for appId:{app_id}") from error
        return web.Response(status=200)

    def _insert(self, place: tuple[str, str, str, str], comment: str, kind: str, creator: str) -> None:
        """One namespace at a place: environment, app, cluster, name."""
        self._portal.records.run(
            "INSERT INTO namespace (env, app_id, cluster, name, comment, format, is_public, created_by,"
            " created) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)",
            *(*place, comment, kind, creator, now()),
        )

    async def browse(self, request: web.Request) -> web.Response:
        """GET of all apps, or of `appIds`."""
        self._portal.consumers.reader(request)
        wanted = [name for name in request.query.get("appIds", "").split(",") if name]
        rows = self._portal.records.rows("SELECT * FROM app ORDER BY app_id")
        return web.json_response([_app_view(row) for row in rows if not wanted or row["app_id"] in wanted])

    async def get(self, request: web.Request) -> web.Response:
        """GET of one app."""
        self._portal.consumers.reader(request)
        return web.json_response(_app_view(self._portal.app(request.match_info["app"])))

    async def env_clusters(self, request: web.Request) -> web.Response:
        """GET of an app's clusters by environment."""
        self._portal.consumers.reader(request)
        app_id = self._portal.app(request.match_info["app"])["app_id"]
        there = self._clusters(app_id)
        shown = [
            {"env": env, "clusters": [name for one, name in there if one == env]} for env in ENVIRONMENTS
        ]
        return web.json_response(shown)

    def _clusters(self, app_id: str) -> list[tuple[str, str]]:
        """Environment and name of every cluster of an app."""
        query = "SELECT DISTINCT env, cluster FROM namespace WHERE app_id = ? ORDER BY env, cluster"
        return [(row["env"], row["cluster"]) for row in self._portal.records.rows(query, app_id)]

    async def create_namespace(self, request: web.Request) -> web.Response:
        """POST: a private namespace of an app, in all environments."""
        self._portal.consumers.administrator(request)
        app_id = self._portal.app(request.match_info["app"])["app_id"]
        body = await body_of(request)
        operator = operator_of(request, body, "dataChangeCreatedBy")
        name, kind = str(body.get("name") or ""), body.get("format") or "properties"
        if body.get("appId") != app_id or not _NAME.fullmatch(name) or kind not in _FORMATS:
            raise bad_request(f"appId must be {app_id}, name valid, format one of {', '.join(_FORMATS)}")
        if body.get("isPublic"):
            raise bad_request("the stand-in has private namespaces only")
        name = name if kind == "properties" else f"{name}.{kind}"
        comment = text(body.get("comment"), 256, "Comment")
        try:
            with self._portal.records.together():
                for env, cluster in self._clusters(app_id):
                    self._insert((env, app_id, cluster, name), comment, kind, operator)
        except sqlite3.IntegrityError as error:
            raise bad_request(f"AppNamespace already exists for appId:{app_id} name:{name}") from error
        shown = {"name": name, "appId": app_id, "format": kind, "isPublic": False, "comment": comment}
        present = now()
        stamps = {"dataChangeCreatedBy": operator, "dataChangeLastModifiedBy": operator}
        times = {"dataChangeCreatedTime": present, "dataChangeLastModifiedTime": present}
        return web.json_response(shown | stamps | times)

    async def namespaces(self, request: web.Request) -> web.Response:
        """GET of a cluster's namespaces with their items."""
        self._portal.consumers.reader(request)
        env, info = self._portal.environment(request), request.match_info
        self._portal.app(info["app"])
        rows = self._portal.records.rows(
            "SELECT * FROM namespace WHERE env = ? AND app_id = ? AND cluster = ? ORDER BY name",
            *(env, info["app"], info["cluster"]),
        )
        return web.json_response([self._view(row, request) for row in rows])

    async def namespace(self, request: web.Request) -> web.Response:
        """GET of one namespace with its items."""
        self._portal.consumers.reader(request)
        return web.json_response(self._view(self._portal.namespace(request), request))

    async def lock(self, request: web.Request) -> web.Response:
        """GET of the lock. Apollo locks only where `namespace.lock.switch` is on; here it is off."""
        self._portal.consumers.reader(request)
        name = self._portal.namespace(request)["name"]
        return web.json_response(
            {"namespaceName": name, "isLocked": False, "isEmergencyPublishAllowed": False}
        )

    def _view(self, row: Row, request: web.Request) -> dict[str, Any]:
        shown = {
            "appId": row["app_id"],
            "clusterName": row["cluster"],
            "namespaceName": row["name"],
            "comment": row["comment"],
            "format": row["format"],
            "isPublic": bool(row["is_public"]),
            "dataChangeCreatedBy": row["created_by"],
            "dataChangeLastModifiedBy": row["created_by"],
            "dataChangeCreatedTime": row["created"],
            "dataChangeLastModifiedTime": row["created"],
        }
        if request.query.get("fillItemDetail", "true") != "false":
            shown["items"] = [item_view(item, n) for n, item in enumerate(self._portal.items(row), 1)]
        return shown


def _app_view(row: Row) -> dict[str, Any]:
    return {
        "appId": row["app_id"],
        "name": row["name"],
        "orgId": row["org_id"],
        "orgName": row["org_name"],
        "ownerName": row["owner_name"],
        "ownerEmail": row["owner_email"],
        "dataChangeCreatedBy": row["created_by"],
        "dataChangeLastModifiedBy": row["created_by"],
        "dataChangeCreatedTime": row["created"],
        "dataChangeLastModifiedTime": row["created"],
    }

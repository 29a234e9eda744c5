"""Portal: releases of a namespace, their comparison, rollback and history."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.apollo.consumers import body_of, operator_of
from sandbox.apollo.errors import bad_request, not_found
from sandbox.apollo.portal import NAMESPACE, Portal, page_of, text
from sandbox.apollo.records import now
from sandbox.sqlite_file import Row

NORMAL_RELEASE, ROLLBACK = 0, 1
_SELECT = (
    "SELECT r.*, n.env, n.app_id, n.cluster, n.name AS namespace"
    " FROM release r JOIN namespace n ON n.id = r.namespace_id"
)


class Releases:
    """Handlers of …/releases."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """The release calls."""
        one = r"/openapi/v1/envs/{env}/releases/{release:\d+}"
        histories = "/openapi/v1/apps/{app}/envs/{env}/clusters/{cluster}/namespaces/{namespace}"
        return [
            web.post(NAMESPACE + "/releases", self.create),
            web.get(NAMESPACE + "/releases/latest", self.latest),
            web.get(NAMESPACE + "/releases/active", self.active),
            web.get("/openapi/v1/envs/{env}/releases/comparison", self.compare),
            web.get(one, self.get),
            web.put(one + "/rollback", self.roll_back),
            web.get(histories + "/releases/histories", self.histories),
            web.get("/openapi/v1/envs/{env}/instances/by-release", self.instances),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST: what the items say now becomes what clients see; they are told at once."""
        env = self._portal.environment(request)
        self._portal.consumers.writer(request, env)
        namespace, body = self._portal.namespace(request), await body_of(request)
        operator = operator_of(request, body, "releasedBy")
        title = text(body.get("releaseTitle"), 64, "releaseTitle")
        if not title:
            raise bad_request("Params(releaseTitle) can not be empty")
        comment = text(body.get("releaseComment"), 256, "releaseComment")
        configurations = {item["key"]: item["value"] for item in self._portal.items(namespace)}
        active = self._portal.active(namespace["id"])
        key, present = f"{datetime.now(UTC):%Y%m%d%H%M%S}-{secrets.token_hex(8)}", now()
        with self._portal.records.together():
            release = self._portal.records.run(
                "INSERT INTO release (namespace_id, release_key, name, comment, configurations, created_by,"
                " created, modified_by, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *(namespace["id"], key, title, comment, json.dumps(configurations, ensure_ascii=False)),
                *(operator, present, operator, present),
            )
            context = {"isEmergencyPublish": bool(body.get("isEmergencyPublish", False))}
            previous = active[0]["id"] if active else 0
            self._remember(self._found(env, release), (release, previous), NORMAL_RELEASE, context, operator)
        self._portal.announcements.wake()
        return web.json_response(release_view(self._found(env, release)))

    async def latest(self, request: web.Request) -> web.Response:
        """GET of the release that clients see. None yet: 200 with no body, as the portal really does."""
        self._portal.consumers.reader(request)
        namespace = self._portal.namespace(request)
        active = self._portal.active(namespace["id"])
        if not active:
            return web.Response(status=200)
        return web.json_response(release_view(self._found(namespace["env"], active[0]["id"])))

    async def active(self, request: web.Request) -> web.Response:
        """GET of the releases that were not rolled back, newest first, page by page."""
        self._portal.consumers.reader(request)
        namespace, (page, size) = self._portal.namespace(request), page_of(request, 5)
        rows = self._portal.active(namespace["id"])[page * size : (page + 1) * size]
        return web.json_response([release_view(self._found(namespace["env"], row["id"])) for row in rows])

    async def get(self, request: web.Request) -> web.Response:
        """GET of one release."""
        self._portal.consumers.reader(request)
        env = self._portal.environment(request)
        return web.json_response(release_view(self._found(env, int(request.match_info["release"]))))

    async def compare(self, request: web.Request) -> web.Response:
        """GET ?baseReleaseId=&toCompareReleaseId=: added, modified, deleted keys; 0 is the empty release."""
        self._portal.consumers.reader(request)
        env = self._portal.environment(request)
        old, new = (self._configurations(env, request, n) for n in ("baseReleaseId", "toCompareReleaseId"))
        changes = []
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) == new.get(key):
                continue
            kind = "ADDED" if key not in old else "DELETED" if key not in new else "MODIFIED"
            change = {"changeType": kind, "key": key}
            changes.append(
                change | {"oldValue": old.get(key, ""), "newValue": new.get(key, "")},
            )
        return web.json_response({"changes": changes})

    def _configurations(self, env: str, request: web.Request, name: str) -> dict[str, str]:
        given = request.query.get(name, "")
        if not given.isdigit():
            raise bad_request(f"Required request parameter '{name}' is not a number")
        if int(given) == 0:
            return {}
        configurations: dict[str, str] = json.loads(self._found(env, int(given))["configurations"])
        return configurations

    async def roll_back(self, request: web.Request) -> web.Response:
        """PUT: the release is abandoned and clients see the one before, or `toReleaseId`. Items stay."""
        env = self._portal.environment(request)
        self._portal.consumers.writer(request, env)
        release = self._found(env, int(request.match_info["release"]))
        operator = operator_of(request, None, "operator")
        active = [row["id"] for row in self._portal.active(release["namespace_id"])]
        if release["id"] not in active:
            raise bad_request("release is not active")
        target = self._target(request, env, release, active)
        with self._portal.records.together():
            for abandoned in (n for n in active if target < n <= release["id"]):
                statement = "UPDATE release SET abandoned = 1, modified_by = ?, modified = ? WHERE id = ?"
                self._portal.records.run(statement, operator, now(), abandoned)
            self._remember(release, (target, release["id"]), ROLLBACK, {}, operator)
        self._portal.announcements.wake()
        return web.Response(status=200)

    def _target(self, request: web.Request, env: str, release: Row, active: list[int]) -> int:
        wanted = request.query.get("toReleaseId")
        if wanted is None or wanted == "-1":
            if len(active) < 2:
                raise bad_request(
                    f"Can't rollback namespace(appId={release['app_id']}, clusterName={release['cluster']},"
                    f" namespaceName={release['namespace']}) because there is only one active release"
                )
            return next((n for n in active if n < release["id"]), 0)
        if not wanted.isdigit() or int(wanted) == release["id"]:
            raise bad_request("current release equal to target release")
        target = self._found(env, int(wanted))
        if target["id"] not in active or target["id"] > release["id"]:
            raise bad_request("release is not active")
        return int(target["id"])

    async def histories(self, request: web.Request) -> web.Response:
        """GET of what happened, newest first, page by page: operation 0 is a release, 1 a rollback."""
        self._portal.consumers.reader(request)
        namespace, (page, size) = self._portal.namespace(request), page_of(request, 10)
        rows = self._portal.records.rows(
            "SELECT h.*, r.name, r.comment, r.abandoned, r.configurations, r.created AS released"
            " FROM history h JOIN release r ON r.id = h.release_id"
            " WHERE h.namespace_id = ? ORDER BY h.id DESC LIMIT ? OFFSET ?",
            *(namespace["id"], size, page * size),
        )
        return web.json_response([_history_view(namespace, row) for row in rows])

    async def instances(self, request: web.Request) -> web.Response:
        """GET ?releaseId=: which clients have taken a release."""
        self._portal.consumers.reader(request)
        env, (page, size) = self._portal.environment(request), page_of(request, 20)
        given = request.query.get("releaseId", "")
        release = self._found(env, int(given) if given.isdigit() else 0)
        query = "SELECT * FROM instance WHERE release_id = ? ORDER BY id"
        rows = self._portal.records.rows(query, release["id"])
        shown = [_instance_view(row, release) for row in rows[page * size : (page + 1) * size]]
        return web.json_response({"page": page, "size": size, "total": len(rows), "instances": shown})

    def _remember(
        self,
        release: Row,
        releases: tuple[int, int],
        operation: int,
        context: dict[str, Any],
        operator: str,
    ) -> None:
        """The history's line and the announcement; the caller commits, then wakes the clients."""
        self._portal.records.run(
            "INSERT INTO history (namespace_id, release_id, previous_release_id, operation, context,"
            " operator, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(release["namespace_id"], *releases, operation, json.dumps(context), operator, now()),
        )
        key = f"{release['app_id']}+{release['cluster']}+{release['namespace']}"
        self._portal.announcements.announce(release["env"], key)

    def _found(self, env: str, release: int) -> Row:
        row = self._portal.records.row(f"{_SELECT} WHERE r.id = ? AND n.env = ?", release, env)
        if row is None:
            raise not_found(f"release not found for releaseId:{release}")
        return row


def release_view(row: Row) -> dict[str, Any]:
    """One release (OpenReleaseDTO)."""
    return {
        "id": row["id"],
        "appId": row["app_id"],
        "clusterName": row["cluster"],
        "namespaceName": row["namespace"],
        "name": row["name"],
        "comment": row["comment"],
        "configurations": json.loads(row["configurations"]),
        "dataChangeCreatedBy": row["created_by"],
        "dataChangeLastModifiedBy": row["modified_by"],
        "dataChangeCreatedTime": row["created"],
        "dataChangeLastModifiedTime": row["modified"],
    }


def _history_view(namespace: Row, row: Row) -> dict[str, Any]:
    pairs = [{"key": k, "value": v} for k, v in json.loads(row["configurations"]).items()]
    return {
        "id": row["id"],
        "appId": namespace["app_id"],
        "clusterName": namespace["cluster"],
        "namespaceName": namespace["name"],
        "branchName": namespace["cluster"],
        "operator": row["operator"],
        "releaseId": row["release_id"],
        "releaseTitle": row["name"],
        "releaseComment": row["comment"],
        "releaseTime": row["created"],
        "configuration": pairs,
        "isReleaseAbandoned": bool(row["abandoned"]),
        "previousReleaseId": row["previous_release_id"],
        "operation": row["operation"],
        "operationContext": json.loads(row["context"]),
    }


def _instance_view(row: Row, release: Row) -> dict[str, Any]:
    taken = {"release": release_view(release), "releaseDeliveryTime": row["delivered"]}
    return {
        "id": row["id"],
        "appId": row["app_id"],
        "clusterName": row["cluster"],
        "dataCenter": row["data_center"],
        "ip": row["ip"],
        "configs": [taken | {"dataChangeLastModifiedTime": row["delivered"]}],
        "dataChangeCreatedTime": row["created"],
    }

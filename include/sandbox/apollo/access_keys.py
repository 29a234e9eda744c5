"""Access keys: made in the portal; once one is on, the configuration service wants signed requests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

from aiohttp import web

from sandbox.apollo.consumers import operator_of
from sandbox.apollo.errors import ApolloError, not_found
from sandbox.apollo.portal import Portal
from sandbox.apollo.records import Records, now
from sandbox.sqlite_file import Row

_TOLERANCE_MS = 60_000


class AccessKeys:
    """Handlers of /apps/{app}/envs/{env}/accesskeys."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """The access key calls."""
        base = "/openapi/v1/apps/{app}/envs/{env}/accesskeys"
        return [
            web.post(base, self.create),
            web.get(base, self.browse),
            web.put(base + r"/{key:\d+}/activation", self.activate),
            web.put(base + r"/{key:\d+}/deactivation", self.deactivate),
            web.delete(base + r"/{key:\d+}", self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST: a new key, off at first."""
        self._portal.consumers.administrator(request)
        operator, env = operator_of(request, None, "operator"), self._portal.environment(request)
        app, present = self._portal.app(request.match_info["app"])["app_id"], now()
        identifier = self._portal.records.run(
            "INSERT INTO access_key (env, app_id, secret, mode, enabled, created_by, created, modified_by,"
            " modified) VALUES (?, ?, ?, 0, 0, ?, ?, ?, ?)",
            *(env, app, secrets.token_hex(16), operator, present, operator, present),
        )
        row = self._portal.records.row("SELECT * FROM access_key WHERE id = ?", identifier)
        return web.json_response(_view(row) if row else None)

    async def browse(self, request: web.Request) -> web.Response:
        """GET of an app's keys in an environment."""
        self._portal.consumers.administrator(request)
        query = "SELECT * FROM access_key WHERE app_id = ? AND env = ? ORDER BY id"
        env = self._portal.environment(request)
        rows = self._portal.records.rows(query, request.match_info["app"], env)
        return web.json_response([_view(row) for row in rows])

    async def activate(self, request: web.Request) -> web.Response:
        """PUT: from now on requests must be signed."""
        return self._change(request, "enabled = 1")

    async def deactivate(self, request: web.Request) -> web.Response:
        """PUT: this key no longer counts."""
        return self._change(request, "enabled = 0")

    def _change(self, request: web.Request, assignment: str) -> web.Response:
        self._portal.consumers.administrator(request)
        operator = operator_of(request, None, "operator")
        statement = (
            f"UPDATE access_key SET {assignment}, modified_by = ?, modified = ?"  # noqa: S608  two constants
            " WHERE id = ? AND app_id = ? AND env = ?"
        )
        self._one(request, statement, operator, now())
        return web.Response(status=200)

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE of a key."""
        self._portal.consumers.administrator(request)
        operator_of(request, None, "operator")
        self._one(request, "DELETE FROM access_key WHERE id = ? AND app_id = ? AND env = ?")
        return web.Response(status=200)

    def _one(self, request: web.Request, statement: str, *values: str) -> None:
        key, app = int(request.match_info["key"]), request.match_info["app"]
        env = self._portal.environment(request)
        if not self._portal.records.changed(statement, *values, key, app, env):
            raise not_found(f"accessKey not found for id:{key}")


def require_signature(records: Records, request: web.Request, env: str, app: str) -> None:
    """401 when the app has keys that are on and the request is not signed by one, or too old."""
    query = "SELECT secret FROM access_key WHERE app_id = ? AND env = ? AND enabled"
    keys = [row["secret"] for row in records.rows(query, app, env)]
    if not keys:
        return
    stamp = request.headers.get("Timestamp", "")
    if not stamp.isdigit() or abs(time.time() * 1000 - int(stamp)) > _TOLERANCE_MS:
        raise ApolloError(401, "RequestTimeTooSkewed")
    given = request.headers.get("Authorization", "")
    expected = [f"Apollo {app}:{signature(stamp, request.raw_path, key)}" for key in keys]
    if not any(hmac.compare_digest(given.encode(), one.encode()) for one in expected):
        raise ApolloError(401, "Unauthorized")


def signature(timestamp: str, path_with_query: str, secret: str) -> str:
    """HMAC-SHA1 over timestamp (milliseconds), newline, path with query; base64."""
    signed = hmac.new(secret.encode(), f"{timestamp}\n{path_with_query}".encode(), hashlib.sha1)
    return base64.b64encode(signed.digest()).decode()


def _view(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "appId": row["app_id"],
        "secret": row["secret"],
        "mode": row["mode"],
        "enabled": bool(row["enabled"]),
        "dataChangeCreatedBy": row["created_by"],
        "dataChangeLastModifiedBy": row["modified_by"],
        "dataChangeCreatedTime": row["created"],
        "dataChangeLastModifiedTime": row["modified"],
    }

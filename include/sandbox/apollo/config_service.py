"""The configuration service that applications read: one per environment, told apart by the path's start.

Real Apollo runs one service an environment, each with its own base URL. Here they share a port: the base URL
of an environment is `http://…/DEV`, `…/FAT` or `…/PRO`, and below it every path is Apollo's.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from sandbox.apollo.access_keys import require_signature
from sandbox.apollo.announcements import POLL_SECONDS
from sandbox.apollo.errors import bad_request, not_found
from sandbox.apollo.portal import Portal
from sandbox.apollo.properties import as_properties
from sandbox.apollo.records import now
from sandbox.sqlite_file import Row

_SELECT = (
    "SELECT r.*, n.cluster, n.name AS namespace, n.format FROM release r"
    " JOIN namespace n ON n.id = r.namespace_id"
    " WHERE n.env = ? AND n.app_id = ? AND n.cluster = ? AND n.name = ? AND NOT r.abandoned"
    " ORDER BY r.id DESC LIMIT 1"
)


class ConfigService:
    """Handlers of /{env}/configs, /configfiles, /notifications/v2 and /services/config."""

    def __init__(self, portal: Portal, poll_seconds: float = POLL_SECONDS) -> None:
        self._portal = portal
        self._poll_seconds = poll_seconds

    def routes(self) -> list[web.RouteDef]:
        """The calls of Apollo's clients."""
        named = "/{app}/{cluster}/{namespace:.+}"
        return [
            web.get("/{env}/configs" + named, self.config),
            web.get("/{env}/configfiles/json" + named, self.as_json),
            web.get("/{env}/configfiles/raw" + named, self.as_text),
            web.get("/{env}/configfiles" + named, self.as_text),
            web.get("/{env}/notifications/v2", self.notifications),
            web.get("/{env}/services/config", self.services),
        ]

    async def config(self, request: web.Request) -> web.Response:
        """GET of the released configuration; 304 when the client has it, 404 when nothing is released."""
        release = self._released(request)
        self._taken(request, release)
        if request.query.get("releaseKey") == release["release_key"]:
            return web.Response(status=304)
        body = {
            "appId": request.match_info["app"],
            "cluster": release["cluster"],
            "namespaceName": request.match_info["namespace"],
            "configurations": json.loads(release["configurations"]),
            "releaseKey": release["release_key"],
        }
        return web.json_response(body)

    async def as_json(self, request: web.Request) -> web.Response:
        """GET of the configuration as one JSON object."""
        return web.json_response(json.loads(self._released(request)["configurations"]))

    async def as_text(self, request: web.Request) -> web.Response:
        """GET of the configuration as a properties file, or of a file namespace's content."""
        release = self._released(request)
        configurations = json.loads(release["configurations"])
        if release["format"] != "properties" and "/configfiles/raw/" in request.path:
            return web.Response(text=configurations.get("content", ""))
        return web.Response(text=as_properties(configurations))

    async def notifications(self, request: web.Request) -> web.Response:
        """GET: answers at once when a namespace has news, else waits for it; 304 after the server's time."""
        env = self._environment(request)
        app, cluster = request.query.get("appId", ""), request.query.get("cluster", "")
        known = _known(request.query.get("notifications", ""))
        if not app or not cluster:
            raise bad_request("appId and cluster are required")
        require_signature(self._portal.records, request, env, app)
        deadline = asyncio.get_running_loop().time() + self._poll_seconds
        while True:
            news = self._news(env, app, cluster, known)
            if news:
                return web.json_response(news)
            if not await self._portal.announcements.next(deadline):
                return web.Response(status=304)

    def _news(self, env: str, app: str, cluster: str, known: dict[str, int]) -> list[dict[str, Any]]:
        found = []
        for namespace, seen in known.items():
            keys = [f"{app}+{c}+{_bare(namespace)}" for c in dict.fromkeys((cluster, "default"))]
            latest = self._portal.announcements.latest(env, keys)
            if latest and max(latest.values()) > seen:
                entry = {"namespaceName": namespace, "notificationId": max(latest.values())}
                found.append(entry | {"messages": {"details": latest}})
        return found

    async def services(self, request: web.Request) -> web.Response:
        """GET: where the configuration service of this environment is."""
        env = self._environment(request)
        home = f"{request.scheme}://{request.host}/{env}/"
        about = {"appName": "APOLLO-CONFIGSERVICE", "instanceId": f"{request.host}:apollo-configservice"}
        return web.json_response([about | {"homepageUrl": home}])

    def _environment(self, request: web.Request) -> str:
        return self._portal.environment(request)

    def _released(self, request: web.Request) -> Row:
        """What clients of a cluster see: its own release, else the default cluster's."""
        env, info = self._environment(request), request.match_info
        require_signature(self._portal.records, request, env, info["app"])
        for cluster in dict.fromkeys((info["cluster"], "default")):
            values = (env, info["app"], cluster, _bare(info["namespace"]))
            row = self._portal.records.row(_SELECT, *values)
            if row is not None:
                return row
        raise not_found(
            f"Could not load configurations with appId: {info['app']}, clusterName: {info['cluster']},"
            f" namespace: {info['namespace']}"
        )

    def _taken(self, request: web.Request, release: Row) -> None:
        """Remember which client has which release; the portal shows it."""
        address = request.query.get("ip") or request.remote or ""
        present = now()
        self._portal.records.run(
            "INSERT INTO instance (env, app_id, cluster, data_center, ip, namespace_id, release_id,"
            " delivered, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (env, app_id, cluster, data_center, ip, namespace_id) DO UPDATE SET"
            " delivered = CASE WHEN release_id = excluded.release_id THEN delivered ELSE excluded.delivered"
            " END, release_id = excluded.release_id",
            *(self._environment(request), request.match_info["app"], request.match_info["cluster"]),
            *(request.query.get("dataCenter", ""), address, release["namespace_id"], release["id"]),
            *(present, present),
        )


def _bare(namespace: str) -> str:
    """Apollo's clients may write `application.properties` for `application`."""
    return namespace[: -len(".properties")] if namespace.lower().endswith(".properties") else namespace


def _known(given: str) -> dict[str, int]:
    """What the client knows: the number of the last announcement of each namespace, -1 for none."""
    wrong = bad_request(f"Invalid format of notifications: {given}")
    try:
        entries = json.loads(given)
    except ValueError as error:
        raise wrong from error
    if not isinstance(entries, list) or not all(isinstance(x, dict) for x in entries):
        raise wrong
    known = {
        str(x["namespaceName"]): int(x.get("notificationId", -1)) for x in entries if x.get("namespaceName")
    }
    if not known:
        raise wrong
    return known

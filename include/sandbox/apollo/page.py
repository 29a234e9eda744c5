"""A page for people at the portal's own address, /config.html: items and releases by app and environment.

Apollo's links end in `#/appid=…&env=…&cluster=…`: sections have that as their id, so a link lands there.
"""

from __future__ import annotations

import json
from html import escape

from aiohttp import web

from sandbox.apollo.portal import Portal
from sandbox.sqlite_file import Row

_STYLE = "body{font-family:sans-serif;margin:2em}td,th{text-align:left;padding:.2em 1em;vertical-align:top}"


class Page:
    """Handlers of / and /config.html; a browser is asked for account and token."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """The page."""
        return [web.get("/", self.show), web.get("/config.html", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        """GET of the page."""
        if self._portal.consumers.person(request) is None:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="Apollo"'})
        query = "SELECT * FROM namespace ORDER BY app_id, env, cluster, name"
        sections = "".join(self._section(row) for row in self._portal.records.rows(query))
        page = f"<!doctype html><meta charset=utf-8><title>Apollo</title><style>{_STYLE}</style>{sections}"
        return web.Response(text=page, content_type="text/html")

    def _section(self, namespace: Row) -> str:
        place = f"/appid={namespace['app_id']}&env={namespace['env']}&cluster={namespace['cluster']}"
        active = self._portal.active(namespace["id"])
        released = json.loads(active[0]["configurations"]) if active else {}
        items = "".join(
            f"<tr><td>{escape(item['key'])}<td>{escape(item['value'])}<td>{escape(item['comment'])}"
            f"<td>{'' if released.get(item['key']) == item['value'] else '未发布 not released'}"
            for item in self._portal.items(namespace)
        )
        releases = "".join(
            f"<tr><td>{row['id']}<td>{escape(row['name'])}<td>{escape(row['comment'])}"
            f"<td>{escape(row['created_by'])}<td>{row['created']}<td>{('', 'abandoned')[row['abandoned']]}"
            for row in self._portal.records.rows(
                "SELECT * FROM release WHERE namespace_id = ? ORDER BY id DESC", namespace["id"]
            )
        )
        title = f"{namespace['app_id']} · {namespace['env']} · {namespace['cluster']} · {namespace['name']}"
        return (
            f'<section id="{escape(place)}"><h2>{escape(title)}</h2>'
            f"<table><tr><th>Key<th>Value<th>Comment<th>{items}</table>"
            f"<table><tr><th>Release<th>Title<th>Comment<th>By<th>At<th>{releases}</table></section>"
        )

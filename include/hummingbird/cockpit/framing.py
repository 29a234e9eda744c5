"""Airflow's own pages are framed by nobody else: a page of another host could else lie over a prompt."""

from __future__ import annotations

from typing import Any

from hummingbird.cockpit.door import App, Receive, Scope, Send

_RULES = ((b"x-frame-options", b"SAMEORIGIN"), (b"content-security-policy", b"frame-ancestors 'self'"))


class OwnFramesOnly:
    """Says so on every answer that says nothing of it itself."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and the answer back with the rules for frames."""

        async def with_rules(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                said = {name.lower() for name, _ in headers}
                message = {**message, "headers": headers + [rule for rule in _RULES if rule[0] not in said]}
            await send(message)

        await self._app(scope, receive, with_rules)

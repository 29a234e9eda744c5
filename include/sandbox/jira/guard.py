"""In front of jira820: basic authentication, one call at a time, an access log, 501 for any other call."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import logging
import time
from collections.abc import Mapping

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.jira.acting import ACTING
from sandbox.jira.cloud.accounts import login_name
from sandbox.jira.workplace import READERS
from sandbox.world import ACCOUNTS

CLOUD = "/rest/api/3/"
SERVED = ("/rest/api/2/", CLOUD, "/browse/")
log = logging.getLogger("sandbox.jira.access")


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error in Jira's shape."""
    return JSONResponse({"errorMessages": [message], "errors": {}}, status, headers)


class Guard:
    """Lets an authenticated call through to the application behind it.

    Data Center knows users by name and password, Cloud by e-mail address and API token.
    """

    def __init__(self, app: ASGIApp, passwords: Mapping[str, str], tokens: Mapping[str, str]) -> None:
        self._app = app
        self._passwords = passwords
        self._tokens = tokens
        # jira820 reads in threads what it writes in the event loop; one call at a time keeps both apart.
        self._one = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call, or start and stop with the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, user = time.monotonic(), 0, self._user(scope)

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        refused = self._refusal(scope, user)
        if refused is not None:
            await refused(scope, receive, noted)
        else:
            ACTING.set(user)
            async with self._one:
                await self._app(scope, receive, noted)
        spent = (time.monotonic() - began) * 1000
        log.info("%s %s %s %s %.1f ms", user or "-", scope["method"], scope["path"], status, spent)

    def _refusal(self, scope: Scope, user: str) -> JSONResponse | None:
        path, method = scope["path"], scope["method"]
        if not user:
            challenge = {
                "WWW-Authenticate": 'Basic realm="Jira"',
                "X-Seraph-LoginReason": "AUTHENTICATED_FAILED",
            }
            return refusal(401, "You are not authenticated. Use one of the sandbox's accounts.", challenge)
        if path != "/" and not path.startswith(SERVED):
            return refusal(501, f"The sandbox's Jira does not serve {method} {path}.")
        if user in READERS and method not in ("GET", "HEAD"):
            return refusal(403, f"{user} may read and change nothing.")
        if method == "DELETE" and path.startswith("/rest/api/2/issue/") and path.count("/") == 5:
            return refusal(403, "You do not have permission to delete issues in this project.")
        return None

    def _user(self, scope: Scope) -> str:
        """The account whose password or token came along; empty when none did."""
        header = dict(scope["headers"]).get(b"authorization", b"")
        kind, _, encoded = header.partition(b" ")
        if kind.lower() != b"basic":
            return ""
        try:
            name, _, given = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        secrets = self._passwords
        if scope["path"].startswith(CLOUD):
            name, secrets = login_name(name), self._tokens
        known = name in ACCOUNTS and hmac.compare_digest(given.encode(), secrets[name].encode())
        return name if known else ""

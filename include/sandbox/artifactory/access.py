"""Who may read, deploy and delete in which repository; authentication by token, password or API key."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from sandbox.artifactory.errors import ArtifactoryError
from sandbox.world import ACCOUNTS

REPOSITORIES = ("trading-dev-local", "trading-test-local", "trading-prod-local", "reports-local")
"""The generic repositories of this world."""


@dataclass(frozen=True)
class User:
    """A known caller."""

    name: str

    def may(self, action: str, repo: str) -> bool:
        """Whether this user has `read`, `deploy` or `delete` in a repository."""
        if self.name in {"platform", "administrator"} or action == "read":
            return True
        return self.name == "ci" and action == "deploy" and repo == "trading-dev-local"


class Access:
    """The accounts of this world; each has one secret that serves as token, password and API key."""

    def __init__(self, secret: Callable[[str], str]) -> None:
        self._secrets = {name: secret(f"artifactory.{name}") for name in (*ACCOUNTS, "ci", "puller")}

    def user(self, request: web.Request) -> User:
        """Who sent this request; 401 for nobody and for wrong credentials."""
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        name: str | None = None
        if kind.lower() == "bearer":
            name = self._of_secret(value)
        elif kind.lower() == "basic":
            name = self._of_password(value)
        elif key := request.headers.get("X-JFrog-Art-Api"):
            name = self._of_secret(key)
        else:
            raise ArtifactoryError(401, "Authentication is required")
        if name is None:
            raise ArtifactoryError(401, "Bad credentials")
        return User(name)

    def _of_secret(self, given: str) -> str | None:
        matching = (n for n, s in self._secrets.items() if hmac.compare_digest(s.encode(), given.encode()))
        return next(matching, None)

    def _of_password(self, given: str) -> str | None:
        try:
            name, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        expected = self._secrets.get(name)
        if expected is None or not hmac.compare_digest(expected.encode(), password.encode()):
            return None
        return name

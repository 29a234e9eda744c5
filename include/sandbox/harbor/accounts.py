"""Proving who one is: basic authentication, or the token of the registry's token service.

Token service as in the distribution project's token authentication specification, which Harbor follows.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.harbor.database import Database
from sandbox.harbor.errors import HarborError
from sandbox.harbor.permissions import NOBODY, Principal, of_account, of_robot
from sandbox.world import ACCOUNTS

TOKEN_SECONDS = 1800
_ROBOT_PREFIX = "robot$"


class Accounts:
    """People, registry robots of this world, and robots created through the API."""

    def __init__(self, database: Database, secret: Callable[[str], str]) -> None:
        self._database = database
        self._passwords = {name: secret(f"harbor.{name}") for name in (*ACCOUNTS, "ci", "puller")}
        self._key = secret("harbor.token-key").encode()

    def caller(self, request: web.Request) -> Principal:
        """Who sent this request; nobody without credentials, 401 with wrong ones."""
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return NOBODY
        if kind.lower() == "basic":
            return self._by_password(value)
        if kind.lower() == "bearer":
            return self._by_token(value)
        raise HarborError(401, "UNAUTHORIZED", "unauthorized")

    def _by_password(self, value: str) -> Principal:
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized") from error
        bare = name.removeprefix(_ROBOT_PREFIX)
        expected = self._passwords.get(bare)
        if expected is not None and hmac.compare_digest(expected.encode(), password.encode()):
            return of_account(bare)
        robot = self._database.row("SELECT * FROM robot WHERE name = ?", name)
        if robot and hmac.compare_digest(robot["secret_hash"], hashed(password)):
            return _robot(robot["name"], json.loads(robot["body"]))
        raise HarborError(401, "UNAUTHORIZED", "unauthorized")

    def token(self, who: Principal) -> str:
        """A signed token for the registry, good for half an hour."""
        head = _encode({"alg": "HS256", "typ": "JWT"})
        body = _encode(
            {"sub": who.name, "iss": "harbor-token-issuer", "exp": int(time.time()) + TOKEN_SECONDS}
        )
        return f"{head}.{body}.{self._signature(f'{head}.{body}')}"

    def _by_token(self, token: str) -> Principal:
        signed, _, signature = token.rpartition(".")
        if not signed or not hmac.compare_digest(signature, self._signature(signed)):
            raise HarborError(401, "UNAUTHORIZED", "unauthorized")
        claims = json.loads(base64.urlsafe_b64decode(signed.split(".")[1] + "=="))
        if claims["exp"] < time.time():
            raise HarborError(401, "UNAUTHORIZED", "the token has expired")
        return self._named(claims["sub"])

    def _named(self, name: str) -> Principal:
        """Rights are looked up afresh: a token outlives neither its robot nor a change of its rights."""
        if not name:
            return NOBODY
        if name.removeprefix(_ROBOT_PREFIX) in self._passwords:
            return of_account(name.removeprefix(_ROBOT_PREFIX))
        robot = self._database.row("SELECT * FROM robot WHERE name = ?", name)
        if robot is None:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized")
        return _robot(robot["name"], json.loads(robot["body"]))

    def _signature(self, signed: str) -> str:
        raw = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def hashed(secret: str) -> str:
    """How a robot's secret is kept; it is long and random, so one round suffices."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _robot(name: str, body: dict[str, Any]) -> Principal:
    expires = body["expires_at"]
    if body["disable"] or (expires != -1 and expires < time.time()):
        raise HarborError(401, "UNAUTHORIZED", "unauthorized")
    return of_robot(name, body["permissions"])


def _encode(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()

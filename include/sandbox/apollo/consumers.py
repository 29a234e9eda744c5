"""Who calls the portal: consumer tokens, and people with a browser. Who exists as an operator."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.apollo.errors import ApolloError, bad_request
from sandbox.world import ACCOUNTS

ENVIRONMENTS = ("DEV", "FAT", "PRO")

_EVERYWHERE = frozenset({"platform", "administrator"})
_DEVELOPERS = frozenset({"developer", "developer2"})


class Consumers:
    """One consumer per account: platform and administrator change everything, developers DEV, others read."""

    def __init__(self, secret: Callable[[str], str]) -> None:
        self._tokens = {name: secret(f"apollo.{name}") for name in ACCOUNTS}

    def reader(self, request: web.Request) -> str:
        """The consumer of a token; 401 without one that is known."""
        given = request.headers.get("Authorization", "").encode()
        for name, token in self._tokens.items():
            if hmac.compare_digest(token.encode(), given):
                return name
        raise ApolloError(401, "Unauthorized")

    def writer(self, request: web.Request, env: str) -> str:
        """The consumer, when it may modify and release in an environment; 403 otherwise."""
        name = self.reader(request)
        if name not in _EVERYWHERE and not (name in _DEVELOPERS and env == "DEV"):
            raise ApolloError(403, "Access is denied")
        return name

    def administrator(self, request: web.Request) -> str:
        """The consumer, when it may create apps and access keys; 403 otherwise."""
        name = self.reader(request)
        if name not in _EVERYWHERE:
            raise ApolloError(403, "Access is denied")
        return name

    def person(self, request: web.Request) -> str | None:
        """The account of a browser's basic authentication, if it is right."""
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        token = self._tokens.get(name)
        return name if token and hmac.compare_digest(token.encode(), password.encode()) else None


def operator_of(request: web.Request, body: dict[str, Any] | None, field: str) -> str:
    """Who is responsible for a change: `operator` or the body's field, and a user that exists."""
    operator = request.query.get("operator") or (body or {}).get(field)
    if not operator:
        raise bad_request("operator should not be null or empty")
    return existing(str(operator))


def existing(user: str) -> str:
    """The user itself; 400 when there is none of that name."""
    if user not in ACCOUNTS:
        raise bad_request(f"user not exists for userId:{user}")
    return user


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; 400 when it is none."""
    try:
        body = await request.json()
    except ValueError as error:
        raise bad_request(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise bad_request("the body must be a JSON object")
    return body

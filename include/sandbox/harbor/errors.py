"""Errors in Harbor's shape: {"errors": [{"code", "message"}]}, the same for registry and v2.0 calls."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web


class HarborError(Exception):
    """A refused request: HTTP status, Harbor's code and a sentence."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        """The error as Harbor sends it."""
        body = {"errors": [{"code": self.code, "message": self.message}]}
        return web.json_response(body, status=self.status, headers=self.headers)


def bad_request(message: str) -> HarborError:
    """400: the request cannot be understood."""
    return HarborError(400, "BAD_REQUEST", message)


def not_found(what: str) -> HarborError:
    """404: Harbor says `<what> not found`."""
    return HarborError(404, "NOT_FOUND", f"{what} not found")


def forbidden() -> HarborError:
    """403: the caller is known but may not."""
    return HarborError(403, "FORBIDDEN", "forbidden")


def conflict(message: str) -> HarborError:
    """409: the thing exists already."""
    return HarborError(409, "CONFLICT", message)


def precondition(message: str) -> HarborError:
    """412: an immutable tag stands in the way."""
    return HarborError(412, "PRECONDITION", message)

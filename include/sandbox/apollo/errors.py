"""Errors in Apollo's shape (ExceptionResponse)."""

from __future__ import annotations

from aiohttp import web

from sandbox.apollo.records import now

_EXCEPTIONS = {
    400: "com.ctrip.framework.apollo.common.exception.BadRequestException",
    404: "com.ctrip.framework.apollo.common.exception.NotFoundException",
}


class ApolloError(Exception):
    """A refused request: HTTP status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def response(self) -> web.Response:
        """The error as the portal and the configuration service send it."""
        body: dict[str, object] = {"status": self.status, "message": self.message, "timestamp": now()}
        if self.status in _EXCEPTIONS:
            body["exception"] = _EXCEPTIONS[self.status]
        return web.json_response(body, status=self.status)


def bad_request(message: str) -> ApolloError:
    """400."""
    return ApolloError(400, message)


def not_found(message: str) -> ApolloError:
    """404."""
    return ApolloError(404, message)

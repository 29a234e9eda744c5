"""Errors in Artifactory's two shapes: {"errors": [...]} for most calls, {"messages": [...]} for copies."""

from __future__ import annotations

from aiohttp import web


class ArtifactoryError(Exception):
    """A refused request: HTTP status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def response(self) -> web.Response:
        """The error as most calls send it; 401 asks for basic authentication so that browsers prompt."""
        headers = {"WWW-Authenticate": 'Basic realm="Artifactory Realm"'} if self.status == 401 else {}
        body = {"errors": [{"status": self.status, "message": self.message}]}
        return web.json_response(body, status=self.status, headers=headers)


class CopyError(ArtifactoryError):
    """A refused copy, move or promotion."""

    def response(self) -> web.Response:
        """The error as copy, move and promote send it."""
        body = {"messages": [{"level": "ERROR", "message": self.message}]}
        return web.json_response(body, status=self.status)

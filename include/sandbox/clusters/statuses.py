"""Errors of the API as `metav1.Status` bodies, with the messages of the real API server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clusters.jsons import Json

if TYPE_CHECKING:
    from sandbox.clusters.resources import Resource


class ApiError(Exception):
    """A refusal that the server answers with a Status of this code."""

    def __init__(self, code: int, reason: str, message: str, details: Json | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def body(self) -> Json:
        """The Status object that goes to the client."""
        status: Json = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        }
        if self.details:
            status["details"] = self.details
        return status


def _details(resource: Resource, name: str) -> Json:
    details: Json = {"name": name, "kind": resource.plural}
    if resource.group:
        details["group"] = resource.group
    return details


def not_found(resource: Resource, name: str) -> ApiError:
    """404: no such object."""
    message = f'{resource.qualified} "{name}" not found'
    return ApiError(404, "NotFound", message, _details(resource, name))


def already_exists(resource: Resource, name: str) -> ApiError:
    """409: the name is taken."""
    message = f'{resource.qualified} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, _details(resource, name))


def conflict(resource: Resource, name: str) -> ApiError:
    """409: written against an old resourceVersion."""
    message = (
        f'Operation cannot be fulfilled on {resource.qualified} "{name}": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    return ApiError(409, "Conflict", message, _details(resource, name))


def invalid(resource: Resource, name: str, field: str, problem: str, reason: str) -> ApiError:
    """422: one field is wrong; `reason` is a FieldValue* cause, `problem` the text after the field."""
    message = f'{resource.kind}{"." + resource.group if resource.group else ""} "{name}" is invalid: '
    details: Json = {
        "name": name,
        "kind": resource.kind,
        "causes": [{"reason": reason, "message": problem, "field": field}],
    }
    if resource.group:
        details["group"] = resource.group
    return ApiError(422, "Invalid", f"{message}{field}: {problem}", details)


def forbidden(resource: Resource, name: str, why: str) -> ApiError:
    """403 by admission."""
    message = f'{resource.qualified} "{name}" is forbidden: {why}'
    return ApiError(403, "Forbidden", message, _details(resource, name))


def bad_request(message: str) -> ApiError:
    """400."""
    return ApiError(400, "BadRequest", message)


def expired(asked: int, oldest: int) -> ApiError:
    """410: the history that a watch asks for is gone."""
    return ApiError(410, "Expired", f"too old resource version: {asked} ({oldest})")


def unavailable(message: str) -> ApiError:
    """503."""
    return ApiError(503, "ServiceUnavailable", message)


def not_served(method: str, path: str, what: str = "") -> ApiError:
    """501: a call that this stand-in does not serve, named."""
    detail = f" ({what})" if what else ""
    return ApiError(501, "NotImplemented", f"the sandbox cluster does not serve {method} {path}{detail}")

"""Refusals in the shapes GitLab answers them."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An HTTP status with the JSON body that GitLab would send."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def message(status: int, text: Any) -> ApiError:
    """`{"message": ...}`, which most of GitLab's refusals are."""
    return ApiError(status, {"message": text})


def not_found(what: str = "") -> ApiError:
    """404 with the kind of thing that is missing, as in `404 Project Not Found`."""
    return message(404, f"404 {what} Not Found".replace("  ", " "))


def unauthorized() -> ApiError:
    """401: no token, or one nobody has."""
    return message(401, "401 Unauthorized")


def forbidden() -> ApiError:
    """403: known, but not allowed."""
    return message(403, "403 Forbidden")


def invalid(text: str) -> ApiError:
    """400 for a parameter that is missing or wrong."""
    return ApiError(400, {"error": text})

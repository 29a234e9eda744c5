"""Errors as the notary's answers: one form, the right status, a sentence for a person."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from hummingbird.core.errors import Conflict, DeliveryError, Denied, Invalid, Mismatch, NotFound, Retryable
from hummingbird.core.gate import Verdict
from hummingbird.notary.tokens import Unauthorised

_STATUS: dict[type[DeliveryError], int] = {
    NotFound: 404,
    Denied: 403,
    Conflict: 409,
    Invalid: 422,
    Mismatch: 409,
}
_KIND = {400: "Invalid", 404: "NotFound", 405: "Invalid", 413: "Invalid"}
_log = logging.getLogger("hummingbird.notary")


def refusal(sentence: str, verdict: Verdict | None = None) -> JSONResponse:
    """A rule said no: 409, with the verdict when there is one."""
    content = _error("Refused", sentence)
    if verdict is not None:
        content["verdict"] = verdict.document()
    return JSONResponse(content, status_code=409)


def install(app: FastAPI) -> None:
    """Translate every error that a route may raise."""
    app.add_exception_handler(DeliveryError, _delivery)
    app.add_exception_handler(Unauthorised, _unauthorised)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    for error in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(error, _database)


def _error(kind: str, message: str) -> dict[str, object]:
    return {"error": {"kind": kind, "message": message}}


def _delivery(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, Retryable):
        # Something behind the notary did not answer; the same call may succeed later.
        return _later(str(error))
    status = next((s for kind, s in _STATUS.items() if isinstance(error, kind)), 500)
    return JSONResponse(_error(type(error).__name__, str(error)), status_code=status)


def _unauthorised(_: Request, error: Exception) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"}
    return JSONResponse(_error("Denied", str(error)), status_code=401, headers=headers)


def _malformed(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(step) for step in first["loc"])
    return JSONResponse(_error("Invalid", f"{where}: {first['msg']}"), status_code=422)


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    kind = _KIND.get(error.status_code, "Invalid")
    return JSONResponse(_error(kind, str(error.detail)), status_code=error.status_code)


def _database(_: Request, error: Exception) -> JSONResponse:
    _log.warning("ledger database: %s", " ".join(str(getattr(error, "orig", error)).split()))
    return _later("the ledger's database does not answer")


def _later(sentence: str) -> JSONResponse:
    return JSONResponse(_error("Unreachable", sentence), status_code=503, headers={"Retry-After": "2"})

"""Foreign answers and failures become the platform's errors, each in one sentence for a person."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3

from hummingbird.clients.retrying import NotSent, TurnedAway
from hummingbird.core.errors import (
    Conflict,
    DeliveryError,
    Denied,
    Final,
    Invalid,
    NotFound,
    Overloaded,
    Retryable,
    Unreachable,
)

_MEND: dict[type[DeliveryError], str] = {
    Denied: "check the account and its rights in the connection",
    NotFound: "check the name, and that this account may see it",
    Conflict: "look at its present state before trying again",
    Invalid: "the request is not what this system accepts",
    TurnedAway: "it asked us to slow down; the call may be made again later",
    Overloaded: "it is not ready; the call may be made again later",
    Unreachable: "no answer came in time; the call may have taken effect",
    Retryable: "the other side failed; the call may be made again",
    Final: "this system does not offer the call",
}
_KIND: dict[int, type[DeliveryError]] = {
    401: Denied,
    403: Denied,
    404: NotFound,
    408: Unreachable,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    423: Conflict,
    429: TurnedAway,
    501: Final,
    502: Unreachable,
    503: Overloaded,
    504: Unreachable,
    505: Final,
}
_SHOWN = 600


def error_of(status: int, head: str, said: str, after: float | None = None) -> DeliveryError:
    """The error for an HTTP status; `head` is `System: METHOD path for subject`, `said` the body's words."""
    kind = _KIND.get(status, Retryable if status >= 500 else Invalid)
    found = f"found {status}" + (f" ({said})" if said else "")
    sentence = f"{head}: expected success, {found}; {_MEND[kind]}"
    if issubclass(kind, Retryable):
        return kind(sentence, after=after)
    return kind(sentence)


def words(body: bytes) -> str:
    """What an error body says, on one line and short: the message of a JSON document, else its text."""
    text = body[:20_000].decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):  # not JSON: its text is shown as it is
        text = _message(json.loads(text)) or text
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"


def _message(document: Any) -> str:
    if isinstance(document, str):
        return document
    if isinstance(document, list):
        return "; ".join(filter(None, map(_message, document[:5])))
    if not isinstance(document, dict):
        return ""
    for key in ("message", "errorMessages", "errors", "error", "detail", "error_description"):
        found = _message(document.get(key))
        if found:
            return found
    return "; ".join(f"{k}: {v}" for k, v in list(document.items())[:5] if isinstance(v, str))


def seconds_asked(header: str | None, now: Callable[[], datetime]) -> float | None:
    """Seconds that a Retry-After header asks for, None when it is missing or senseless."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now()).total_seconds())


def lost(head: str, failure: Any) -> DeliveryError:
    """The error for a call without an answer: what urllib3 raised, wrapped or not."""
    reason = getattr(failure, "reason", None) or failure
    if isinstance(reason, urllib3.exceptions.SSLError) and "certificate" in str(reason).lower():
        return Invalid(
            f"{head}: the server's certificate was not accepted ({_cause(reason)}); "
            "give the connection the right certificate authority"
        )
    # A connection that never came about: NewConnectionError and its kin, or no answer to connecting.
    if isinstance(
        reason,
        urllib3.exceptions.NewConnectionError
        | urllib3.exceptions.ConnectTimeoutError
        | urllib3.exceptions.ProxyError,
    ):
        return NotSent(f"{head}: no connection ({_cause(reason)}); check the address and that it runs")
    if isinstance(reason, urllib3.exceptions.ReadTimeoutError):
        return Unreachable(f"{head}: no answer in time; the call may have taken effect")
    return Unreachable(f"{head}: the connection was lost ({_cause(reason)}); the call may have taken effect")


def _cause(error: Any) -> str:
    """The innermost reason in words."""
    inner = error
    while isinstance(inner, BaseException) and (inner.__cause__ or inner.__context__) is not None:
        inner = inner.__cause__ or inner.__context__
    return words((getattr(inner, "strerror", None) or str(inner) or type(inner).__name__).encode())

"""What a request carried and no message may repeat: a server that echoes it must not bring it into a log."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

import requests

HIDDEN = b"***"
_HEADERS = ("Authorization", "Proxy-Authorization", "PRIVATE-TOKEN", "JOB-TOKEN", "X-JFrog-Art-Api", "Cookie")
_FIELDS = ("password", "token", "secret")
_SHORTEST = 6
"""What is shorter is part of ordinary words."""


def carried(request: requests.PreparedRequest) -> list[bytes]:
    """The credentials of a request in every form in which a server may send them back, longest first."""
    plain = {secret for secret in (*_of_headers(request), *_of_body(request)) if len(secret) >= _SHORTEST}
    forms = {
        form
        for secret in plain
        for form in (secret, quote(secret, safe="").encode(), base64.b64encode(secret))
    }
    return sorted(forms, key=len, reverse=True)


def without(body: bytes, secrets: Iterable[bytes]) -> bytes:
    """The body with stars where a secret stood."""
    for secret in secrets:
        body = body.replace(secret, HIDDEN)
    return body


def _of_headers(request: requests.PreparedRequest) -> Iterator[bytes]:
    for name in _HEADERS:
        value = request.headers.get(name)
        if not value:
            continue
        text = value if isinstance(value, bytes) else value.encode()
        credentials = text.partition(b" ")[2] or text
        yield credentials
        if text[:6].lower() == b"basic ":
            with contextlib.suppress(binascii.Error):  # not base64: then it is hidden as it stands
                yield base64.b64decode(credentials).partition(b":")[2]


def _of_body(request: requests.PreparedRequest) -> Iterator[bytes]:
    body = request.body
    if not isinstance(body, str | bytes) or len(body) > 20_000:
        return
    with contextlib.suppress(ValueError, RecursionError):  # no JSON, no fields
        document = json.loads(body)
        if isinstance(document, dict):
            yield from (str(document[name]).encode() for name in _FIELDS if document.get(name))

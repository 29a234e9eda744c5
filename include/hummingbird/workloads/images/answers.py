"""A registry's answers, read within bounds of time and size."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import requests
from urllib3.exceptions import HTTPError

from hummingbird.clients.translation import seconds_asked, words
from hummingbird.core.errors import Garbled, Unreachable

_BLOCK = 1024 * 1024
_SHOWN = 64 * 1024
_SHOWN_SECONDS = 10.0


def blocks(response: requests.Response, seconds: float, size: int = _BLOCK) -> Iterator[bytes]:
    """The body as it comes; Garbled when it breaks off, Unreachable when it takes longer than that."""
    ends = time.monotonic() + seconds
    try:
        while block := response.raw.read1(size, decode_content=True):
            yield block
            if time.monotonic() > ends:
                raise Unreachable(f"{response.url}: expected the whole answer within {seconds:.0f} s")
    except (requests.RequestException, HTTPError) as error:
        raise Garbled(f"{response.url}: the answer broke off ({error}); it does not count") from error


def head_of(response: requests.Response) -> str:
    """What a short answer says, of a long one its beginning; once read, its connection serves again."""
    said = bytearray()
    try:
        for block in blocks(response, _SHOWN_SECONDS, _SHOWN):
            said += block
            if len(said) > _SHOWN:
                break
    except (Garbled, Unreachable) as error:
        if response.status_code < 300:
            raise
        return f"{words(bytes(said))} ({error})"
    return words(bytes(said))


def asked_after(response: requests.Response) -> float | None:
    """Seconds after which to come back, where the answer says so."""
    return seconds_asked(response.headers.get("Retry-After"), lambda: datetime.now(UTC))

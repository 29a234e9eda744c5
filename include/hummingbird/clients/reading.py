"""How long a call may take and how much it may answer; reading a body within that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import urllib3

from hummingbird.core.errors import Garbled, Invalid, Unreachable


@dataclass(frozen=True)
class Limits:
    """Bounds of one attempt: seconds and bytes."""

    connect: float = 5.0
    read: float = 30.0
    """Longest silence."""
    total: float = 60.0
    """From sending to the body's last byte."""
    size: int = 64 * 1024 * 1024


def read_all(
    raw: Any,
    head: str,
    limits: Limits,
    ends: float,
    monotonic: Callable[[], float],
    tail: int | None = None,
) -> bytes:
    """The whole body of a urllib3 response, or its last `tail` bytes, then of any size.

    core.errors when too large, too slow or broken off.
    """
    body, seen = bytearray(), 0
    try:
        while chunk := raw.read1(65536, decode_content=True):
            body += chunk
            seen += len(chunk)
            if tail is not None:
                del body[:-tail]
            elif seen > limits.size:
                raise Invalid(
                    f"{head}: the answer is larger than {limits.size} bytes; ask for less, or raise the limit"
                )
            if monotonic() > ends:
                raise Unreachable(
                    f"{head}: expected a complete answer within {limits.total:.0f} s, "
                    f"found {seen} bytes by then; the call may have taken effect"
                )
    except urllib3.exceptions.TimeoutError as error:
        raise Unreachable(
            f"{head}: the answer stopped after {seen} bytes; the call may have taken effect"
        ) from error
    except urllib3.exceptions.HTTPError as error:
        raise Garbled(
            f"{head}: the answer broke off or cannot be decoded after {seen} bytes; "
            "it does not count as success"
        ) from error
    return bytes(body)

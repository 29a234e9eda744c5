"""The shapes everything here passes around: decoded JSON, and Kubernetes' two ways to write a moment."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


def now() -> str:
    """The present second as metav1.Time writes it, `2026-11-22T07:05:31Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def now_micro() -> str:
    """The present moment as metav1.MicroTime writes it, six decimals."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str) -> datetime:
    """Either of the two forms back as an aware datetime; ValueError when it is neither."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def canonical(value: object) -> str:
    """One text for one value: sorted keys, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(value: object) -> str:
    """SHA-256 hex of the canonical text."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def dig(value: object, *path: str) -> Any:
    """Follow keys through nested objects; None as soon as one is missing."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def truth(text: str | None) -> bool:
    """A query's boolean; clients written in Python send `True`."""
    return (text or "").lower() in {"true", "1", "t"}

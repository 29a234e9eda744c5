"""The hash chain: every event names the one before it."""

from __future__ import annotations

from hummingbird.core.canonical import sha256_hex

GENESIS = "0" * 64
"""What the first event names as its predecessor."""


def link(previous_hash: str, envelope: str) -> str:
    """The hash of an event: SHA-256 of the predecessor's hash and the envelope's canonical JSON."""
    return sha256_hex((previous_hash + envelope).encode("utf-8"))

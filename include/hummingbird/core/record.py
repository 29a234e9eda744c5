"""The base of every noun: frozen, nothing extra, hashable by content."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from hummingbird.core.canonical import content_hash


class Record(BaseModel):
    """An immutable fact; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def document(self) -> dict[str, Any]:
        """The record as JSON-ready data."""
        return self.model_dump(mode="json")

    @property
    def content_hash(self) -> str:
        """SHA-256 of the record's canonical JSON, 64 hex digits."""
        return content_hash(self.document())

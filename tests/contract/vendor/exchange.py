"""One request and its answer, as they went over the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Exchange:
    """What was sent and what came back; header names are in lower case."""

    method: str
    target: str
    """Path and query, as sent."""
    sent: Mapping[str, str]
    body: bytes
    status: int
    answered: Mapping[str, str]
    answer: bytes
    during: str = ""
    """The client's method that was under way."""

    @property
    def path(self) -> str:
        """The path, still encoded."""
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's names and values."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def watching(self) -> bool:
        """Whether Kubernetes was asked to go on telling."""
        return ("watch", "true") in self.query

    def __str__(self) -> str:
        return f"{self.during or 'a raw call'}: {self.method} {self.target} → {self.status}"


def media_type(headers: Mapping[str, str]) -> str:
    """The content type without its parameters, empty when none was named."""
    return headers.get("content-type", "").split(";")[0].strip()


def documents(body: bytes, *, lines: bool) -> list[Any]:
    """The JSON document of a body, or one for every line."""
    return [json.loads(part) for part in body.splitlines() if part.strip()] if lines else [json.loads(body)]

"""What quote-service says of a security. Without it orders are taken all the same, unquoted."""

from __future__ import annotations

import http.client
import json
import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote as escaped

log = logging.getLogger(__name__)
READ_SECONDS = 1.0
"""An order does not wait longer than this for its quote."""
Quote = Mapping[str, object]


class Quotes(Protocol):
    """Where quotes come from."""

    def quote(self, symbol: str) -> Quote | None:
        """A security's quote; None when there is none to be had."""


class NoQuotes:
    """Where nobody quotes."""

    def quote(self, _symbol: str) -> Quote | None:
        """None."""
        return None


@dataclass
class QuoteService:
    """quote-service over HTTP; whether it answers is told when that changes, not at every order."""

    host: str
    port: int
    _away: threading.Event = field(default_factory=threading.Event)

    def quote(self, symbol: str) -> Quote | None:
        """A security's quote; None when it is not quoted, or the service gives no usable answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=READ_SECONDS)
        try:
            connection.request("GET", f"/quotes/{escaped(symbol, safe='')}")
            response = connection.getresponse()
            text = response.read()
            answer = json.loads(text) if response.status == 200 else None
            if response.status not in (200, 404):
                raise ValueError(f"it answered {response.status}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._say_away(error)
            return None
        finally:
            connection.close()
        self._say_back()
        return answer if isinstance(answer, dict) else None

    def _say_away(self, error: Exception) -> None:
        if not self._away.is_set():
            self._away.set()
            log.warning("quote-service at %s:%s: %s; orders go unquoted", self.host, self.port, error)

    def _say_back(self) -> None:
        if self._away.is_set():
            self._away.clear()
            log.info("quote-service at %s:%s answers again", self.host, self.port)


def quotes_from_environment() -> Quotes:
    """quote-service where Kubernetes says it is; nobody when it says nothing."""
    host = os.environ.get("QUOTE_SERVICE_SERVICE_HOST", "")
    port = os.environ.get("QUOTE_SERVICE_SERVICE_PORT", "")
    if not host or not port.isdigit():
        log.info("no quote-service in this namespace: orders go unquoted")
        return NoQuotes()
    return QuoteService(host, int(port))

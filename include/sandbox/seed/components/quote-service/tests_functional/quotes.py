"""Where the service under test is, and how it is called."""

from __future__ import annotations

import http.client
import json
import logging
import os
import unittest
from urllib.parse import urlsplit

CALL_SECONDS = 10
SHOWN = 400
log = logging.getLogger("http.requests")
"""What was asked and answered, a line each: the report of a night shows them beside a failure."""


def service_url() -> str:
    """QUOTE_SERVICE_URL, or the address that Kubernetes gives every pod of the namespace."""
    url = os.environ.get("QUOTE_SERVICE_URL")
    if url:
        return url
    host = os.environ["QUOTE_SERVICE_SERVICE_HOST"]
    return f"http://{host}:{os.environ['QUOTE_SERVICE_SERVICE_PORT']}"


class QuoteCase(unittest.TestCase):
    """A test case that can call the service."""

    def get(self, path: str) -> tuple[int, dict]:
        """Status and JSON of an answer."""
        parts = urlsplit(service_url())
        connection = http.client.HTTPConnection(parts.netloc, timeout=CALL_SECONDS)
        self.addCleanup(connection.close)
        connection.request("GET", parts.path.rstrip("/") + path)
        response = connection.getresponse()
        text = response.read().decode("utf-8")
        log.info("GET %s -> %s %s", path, response.status, text[:SHOWN])
        return response.status, json.loads(text)

    def quote(self, symbol: str) -> dict:
        """A security's quote."""
        status, quote = self.get(f"/quotes/{symbol}")
        self.assertEqual(status, 200)
        return quote

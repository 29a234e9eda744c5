"""Where the gateway under test is, and how it is called."""

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


def gateway_url() -> str:
    """ORDER_GATEWAY_URL, or the address that Kubernetes gives every pod of the namespace."""
    url = os.environ.get("ORDER_GATEWAY_URL")
    if url:
        return url
    host = os.environ["ORDER_GATEWAY_SERVICE_HOST"]
    return f"http://{host}:{os.environ['ORDER_GATEWAY_SERVICE_PORT']}"


class GatewayCase(unittest.TestCase):
    """A test case that can call the gateway."""

    def call(self, method: str, path: str, body: object = None) -> tuple[int, dict]:
        """Status and JSON of an answer."""
        parts = urlsplit(gateway_url())
        connection = http.client.HTTPConnection(parts.netloc, timeout=CALL_SECONDS)
        self.addCleanup(connection.close)
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        connection.request(method, parts.path.rstrip("/") + path, content, headers)
        response = connection.getresponse()
        text = response.read().decode("utf-8")
        log.info("%s %s %s -> %s %s", method, path, content or "", response.status, text[:SHOWN])
        return response.status, json.loads(text)

    def place(self, **changes: object) -> tuple[int, dict]:
        """Place an order that every rule accepts, but for the changes."""
        order = {"symbol": "600918", "side": "BUY", "quantity": 100, "price": "6.50"}
        return self.call("POST", "/orders", {**order, **changes})

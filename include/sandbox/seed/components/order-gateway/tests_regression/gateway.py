"""A test case that places orders."""

from __future__ import annotations

import unittest
import uuid

from .exchange import Answer, Line, call

NAME = "order-gateway"
ORDER = {"symbol": "600918", "side": "BUY", "quantity": 100, "price": "6.50"}
"""An order that every rule accepts."""


class GatewayCase(unittest.TestCase):
    """Others place orders at the same time: a case looks for its own by their client order ids."""

    maxDiff = None

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One call of the gateway."""
        return call(NAME, method, path, body, **headers)

    def place(self, line: Line | None = None, **changes: object) -> Answer:
        """Place the order with some fields changed, on a connection that is there or one of its own."""
        order = {**ORDER, **changes}
        return line.call("POST", "/orders", order) if line else self.call("POST", "/orders", order)

    def taken(self, **changes: object) -> dict:
        """The order as the gateway took it."""
        answer = self.place(**changes)
        self.assertEqual(answer.status, 201, answer.text)
        return answer.json

    def refused(self, field: str, **changes: object) -> None:
        """The order is refused because of a field, whatever else is wrong."""
        answer = self.place(**changes)
        self.assertEqual(answer.status, 422, answer.text)
        self.assertIn(field, [problem["field"] for problem in answer.json["errors"]])

    def orders(self) -> list[dict]:
        """The latest orders, oldest first."""
        return self.call("GET", "/orders").json["orders"]

    @staticmethod
    def own_id() -> str:
        """A client order id that nobody else has."""
        return f"夜测-{uuid.uuid4()}"

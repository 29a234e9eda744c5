"""A test case that asks for quotes."""

from __future__ import annotations

import unittest

from .exchange import Answer, call

NAME = "quote-service"


class QuoteCase(unittest.TestCase):
    """The service changes nothing when it is asked, so cases need not heed each other."""

    maxDiff = None

    def get(self, path: str, **headers: str) -> Answer:
        """One reading call."""
        return call(NAME, "GET", path, **headers)

    def quote(self, symbol: str) -> dict:
        """A security's quote."""
        answer = self.get(f"/quotes/{symbol}")
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json

    def quotes(self) -> list[dict]:
        """All quotes."""
        return self.get("/quotes").json["quotes"]

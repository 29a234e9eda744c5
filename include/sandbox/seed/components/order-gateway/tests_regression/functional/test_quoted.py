"""Together with quote-service: an order carries the close that it was judged by."""

import unittest

import ddt

from ..exchange import call, runs_here
from ..gateway import GatewayCase

TRIES = 3
"""An order does not wait longer than a second for its quote; on a busy machine it may go without."""


@unittest.skipUnless(runs_here("quote-service"), "quote-service does not run here")
@ddt.ddt
class Quoted(GatewayCase):
    def quoted(self, **changes):
        """The close that an order was taken by; another order where the quote came too late for one."""
        closes = (self.taken(**changes)["reference_price"] for _ in range(TRIES))
        return next((close for close in closes if close is not None), None)

    @ddt.data("600918", "600519", "000001", "000333")
    def test_an_order_says_the_close_that_quote_service_quotes(self, symbol):
        close = call("quote-service", "GET", f"/quotes/{symbol}").json["previous_close"]
        self.assertEqual(self.quoted(symbol=symbol, price=close), close)

    def test_no_order_is_quoted_with_another_security(self):
        for symbol, price in (("600918", "6.50"), ("600036", "42.00")):
            close = call("quote-service", "GET", f"/quotes/{symbol}").json["previous_close"]
            with self.subTest(symbol):
                self.assertEqual(self.quoted(symbol=symbol, price=price), close)

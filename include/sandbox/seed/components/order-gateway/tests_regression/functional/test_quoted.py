"""Together with quote-service: an order carries the close that it was judged by."""

import unittest

import ddt

from ..exchange import call, runs_here
from ..gateway import GatewayCase


@unittest.skipUnless(runs_here("quote-service"), "quote-service does not run here")
@ddt.ddt
class Quoted(GatewayCase):
    @ddt.data("600918", "600519", "000001", "000333")
    def test_an_order_says_the_close_that_quote_service_quotes(self, symbol):
        close = call("quote-service", "GET", f"/quotes/{symbol}").json["previous_close"]
        self.assertEqual(self.taken(symbol=symbol, price=close)["reference_price"], close)

    def test_no_order_is_quoted_with_another_security(self):
        for symbol, price in (("600918", "6.50"), ("600036", "42.00")):
            close = call("quote-service", "GET", f"/quotes/{symbol}").json["previous_close"]
            with self.subTest(symbol):
                self.assertEqual(self.taken(symbol=symbol, price=price)["reference_price"], close)

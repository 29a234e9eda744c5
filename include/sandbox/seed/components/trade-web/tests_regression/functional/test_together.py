"""Together with quote-service and order-gateway: what they say is what the page shows."""

import unittest
import uuid

import ddt

from ..exchange import call, runs_here
from ..page import LOOKS, PageCase

BOTH = runs_here("quote-service") and runs_here("order-gateway")


@unittest.skipUnless(BOTH, "quote-service and order-gateway do not run here")
@ddt.ddt
class Quotes(PageCase):
    @ddt.data("600918", "600519", "000001", "688981")
    def test_a_security_of_the_watch_list_is_shown_as_it_is_quoted(self, symbol):
        quote = call("quote-service", "GET", f"/quotes/{symbol}").json
        rows = {row[0]: row for row in self.whole_page().tables[0]}
        self.assertEqual(rows[symbol][:3], [symbol, quote["name"], quote["previous_close"]])

    def test_no_security_is_shown_twice(self):
        symbols = [row[0] for row in self.whole_page().tables[0]]
        self.assertEqual(len(set(symbols)), len(symbols))


@unittest.skipUnless(BOTH, "quote-service and order-gateway do not run here")
@ddt.ddt
class Orders(PageCase):
    def placed(self, **changes):
        order = {"symbol": "600918", "side": "BUY", "quantity": 100, "price": "6.50", **changes}
        answer = call("order-gateway", "POST", "/orders", order)
        self.assertEqual(answer.status, 201, answer.text)
        return answer.json

    def shown(self):
        return {row[0]: row for row in self.whole_page().tables[-1]}

    @ddt.data("BUY", "SELL")
    def test_an_order_is_shown_as_it_was_taken(self, side):
        for _ in range(LOOKS):  # twenty others push an order off the page; another try has another order
            order = self.placed(side=side, quantity=300, price="6.51")
            row = self.shown().get(str(order["id"]))
            if row is not None:
                self.assertEqual(row[1:5], ["600918", side, "300", "6.51"])
                return
        self.fail(f"none of {LOOKS} orders was shown")

    def test_what_clients_write_is_not_shown_as_markup(self):
        self.placed(client_order_id=f"<script>alert('{uuid.uuid4()}')</script>")
        self.assertNotIn("<script", self.get("/").text)

    def test_the_newest_order_is_shown_first_and_twenty_at_most(self):
        for _ in range(3):
            self.placed()
        numbers = [int(number) for number in self.shown() if number.isdigit()]
        self.assertEqual(numbers, sorted(numbers, reverse=True))
        self.assertLessEqual(len(numbers), 20)
        self.assertGreaterEqual(len(numbers), 3)

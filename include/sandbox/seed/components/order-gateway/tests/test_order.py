import unittest
from decimal import Decimal

from order_gateway.order import OrderRefused, read_order

from .orders import a_body


def fields_refused(body):
    try:
        read_order(body)
    except OrderRefused as refusal:
        return sorted(problem.field for problem in refusal.problems)
    return []


class ReadingAnOrder(unittest.TestCase):
    def test_a_complete_order_is_read_exactly(self):
        order = read_order(a_body(price="6.57"))
        self.assertEqual((order.symbol, order.quantity, order.price), ("600918", 100, Decimal("6.57")))

    def test_the_notional_is_price_times_quantity(self):
        self.assertEqual(read_order(a_body(quantity=300, price="6.50")).notional, Decimal(1950))

    def test_something_else_than_an_object_is_refused(self):
        self.assertEqual(fields_refused([1]), ["body"])

    def test_every_missing_field_is_named(self):
        self.assertEqual(fields_refused({"symbol": "600918", "side": "BUY"}), ["price", "quantity"])

    def test_an_unknown_field_is_refused(self):
        self.assertEqual(fields_refused(a_body(status="FILLED")), ["status"])

    def test_a_client_order_id_is_kept(self):
        self.assertEqual(read_order(a_body(client_order_id="c-1")).options, {"client_order_id": "c-1"})

    def test_an_unknown_side_is_refused(self):
        self.assertEqual(fields_refused(a_body(side="HOLD")), ["side"])

    def test_a_quantity_must_be_a_positive_whole_number(self):
        for quantity in (0, -100, "100", True, None, Decimal("100.5")):
            with self.subTest(quantity=quantity):
                self.assertEqual(fields_refused(a_body(quantity=quantity)), ["quantity"])

    def test_a_price_must_be_a_positive_number(self):
        for price in (0, "-1", "NaN", "Infinity", "1e999999", "1e-999", "text", True, None, 1.5):
            with self.subTest(price=price):
                self.assertEqual(fields_refused(a_body(price=price)), ["price"])

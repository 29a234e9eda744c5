"""The orders that are remembered."""

from concurrent.futures import ThreadPoolExecutor

from ..exchange import line_to
from ..gateway import NAME, GatewayCase

REMEMBERED = 1000
CLIENTS, EACH = 8, 25


class Book(GatewayCase):
    def test_an_order_is_listed_as_it_was_answered(self):
        order = self.taken(client_order_id=self.own_id())
        self.assertIn(order, self.orders())

    def test_an_order_that_was_refused_is_not_listed(self):
        own = self.own_id()
        self.refused("quantity", quantity=150, client_order_id=own)
        self.assertNotIn(own, [order.get("client_order_id") for order in self.orders()])

    def test_later_orders_have_higher_numbers(self):
        first, second, third = (self.taken()["id"] for _ in range(3))
        self.assertLess(first, second)
        self.assertLess(second, third)

    def test_the_same_order_again_is_another_order(self):
        own = self.own_id()
        numbers = {self.taken(client_order_id=own)["id"] for _ in range(2)}
        listed = {order["id"] for order in self.orders() if order.get("client_order_id") == own}
        self.assertEqual(listed, numbers)

    def test_clients_that_order_at_the_same_time_share_no_number(self):
        def client(_):
            with line_to(NAME) as line:
                return [self.place(line).json["id"] for _ in range(EACH)]

        with ThreadPoolExecutor(CLIENTS) as pool:
            numbers = [number for placed in pool.map(client, range(CLIENTS)) for number in placed]
        self.assertEqual(len(set(numbers)), CLIENTS * EACH)

    def test_the_latest_thousand_orders_are_remembered_and_no_more(self):
        own = self.own_id()
        with line_to(NAME) as line:
            for number in range(REMEMBERED + 1):
                self.assertEqual(self.place(line, client_order_id=f"{own}-{number}").status, 201)
        listed = self.orders()
        ids = [order.get("client_order_id") for order in listed]
        self.assertEqual(len(listed), REMEMBERED)
        self.assertNotIn(f"{own}-0", ids)
        self.assertIn(f"{own}-{REMEMBERED}", ids)

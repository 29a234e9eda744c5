"""Orders as clients place them."""

import ddt

from .gateway import GatewayCase


@ddt.ddt
class Orders(GatewayCase):
    @ddt.data("BUY", "SELL")
    def test_an_order_of_either_side_is_taken(self, side):
        status, order = self.place(side=side)
        self.assertEqual((status, order["side"], order["status"]), (201, side, "ACCEPTED"))

    @ddt.data(100, 200, 1000)
    def test_whole_lots_are_taken(self, quantity):
        status, order = self.place(quantity=quantity)
        self.assertEqual((status, order["quantity"]), (201, quantity))

    @ddt.data(1, 150, 250)
    def test_a_part_of_a_lot_is_refused(self, quantity):
        status, answer = self.place(quantity=quantity)
        self.assertEqual((status, answer["errors"][0]["field"]), (422, "quantity"))

    @ddt.data("6.505", "6.5001")
    def test_a_price_between_two_ticks_is_refused(self, price):
        status, answer = self.place(price=price)
        self.assertEqual((status, answer["errors"][0]["field"]), (422, "price"))

    @ddt.data({"symbol": "999999"}, {"side": "HOLD"}, {"quantity": 0}, {"price": "-1"})
    def test_a_field_that_can_not_be_is_refused_by_name(self, change):
        status, answer = self.place(**change)
        self.assertEqual((status, answer["errors"][0]["field"]), (422, next(iter(change))))

    def test_an_order_over_the_limit_is_refused(self):
        status, answer = self.place(quantity=100_000_000)
        self.assertEqual((status, answer["errors"][0]["field"]), (422, "quantity"))

    def test_an_order_taken_is_listed_with_its_client_order_id(self):
        order = self.place(client_order_id="委托-0001")[1]
        orders = self.call("GET", "/orders")[1]["orders"]
        self.assertIn(order, orders)
        self.assertEqual(order["client_order_id"], "委托-0001")

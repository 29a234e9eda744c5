"""Orders one at a time: what is taken, and what is refused by which field."""

import ddt

from ..gateway import ORDER, GatewayCase


@ddt.ddt
class Taken(GatewayCase):
    @ddt.data(
        ("600918", "6.52"),
        ("600519", "1468.00"),
        ("600036", "42.18"),
        ("600000", "12.35"),
        ("000001", "11.42"),
        ("000333", "74.60"),
    )
    @ddt.unpack
    def test_every_listed_security_can_be_bought_at_its_close(self, symbol, close):
        order = self.taken(symbol=symbol, price=close)
        self.assertEqual((order["symbol"], order["price"], order["status"]), (symbol, close, "ACCEPTED"))

    @ddt.data("BUY", "SELL")
    def test_both_sides_of_the_star_market_are_taken(self, side):
        order = self.taken(symbol="688981", side=side, quantity=300, price="118.30")
        self.assertEqual((order["side"], order["quantity"]), (side, 300))

    @ddt.data(100, 700, 50_000, 500_000)
    def test_whole_lots_are_taken_up_to_the_limit(self, quantity):
        self.assertEqual(self.taken(quantity=quantity)["quantity"], quantity)

    @ddt.data("6.5", "6.50", "6.500", 6.5, 6)
    def test_a_price_is_taken_as_text_and_as_a_number(self, price):
        self.assertEqual(float(self.taken(price=price)["price"]), float(price))

    def test_an_order_without_a_client_order_id_has_none(self):
        self.assertNotIn("client_order_id", self.taken())


@ddt.ddt
class Refused(GatewayCase):
    @ddt.data(1, 99, 101, 150)
    def test_a_part_of_a_lot_is_refused(self, quantity):
        self.refused("quantity", quantity=quantity)

    @ddt.data(0, -100, 100.5, "100", True, None)
    def test_what_is_no_number_of_shares_is_refused(self, quantity):
        self.refused("quantity", quantity=quantity)

    @ddt.data("6.505", "6.5001", "6.50000001")
    def test_a_price_between_two_ticks_is_refused(self, price):
        self.refused("price", price=price)

    @ddt.data("0", "-6.50", "NaN", "Infinity", "six", "", True, None, "1e9")
    def test_what_is_no_price_is_refused(self, price):
        self.refused("price", price=price)

    @ddt.data("HOLD", "buy", "", None, 1)
    def test_what_is_no_side_is_refused(self, side):
        self.refused("side", side=side)

    @ddt.data("999999", "60091", "", "中泰证券", "600918 ", "../600918")
    def test_what_is_no_listed_security_is_refused(self, symbol):
        self.refused("symbol", symbol=symbol)

    @ddt.data(*ORDER)
    def test_an_order_that_lacks_a_field_is_refused_by_name(self, field):
        answer = self.call("POST", "/orders", {name: value for name, value in ORDER.items() if name != field})
        self.assertEqual(answer.status, 422)
        self.assertEqual(answer.json["errors"], [{"field": field, "reason": "is missing"}])

    def test_a_field_that_no_order_has_is_refused_by_name(self):
        self.refused("leverage", leverage=10)

    @ddt.data((500_100, "6.50", "quantity"), (40_000, "1468.00", "price"))
    @ddt.unpack
    def test_an_order_over_a_limit_is_refused(self, quantity, price, field):
        symbol = "600918" if field == "quantity" else "600519"
        self.refused(field, symbol=symbol, quantity=quantity, price=price)

    def test_all_that_is_wrong_is_told_at_once(self):
        answer = self.place(symbol="999999", quantity=150, price="6.505")
        fields = {problem["field"] for problem in answer.json["errors"]}
        self.assertEqual((answer.status, fields), (422, {"symbol", "quantity", "price"}))

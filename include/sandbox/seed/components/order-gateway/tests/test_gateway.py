import unittest

from order_gateway.gateway import Gateway, NotReadyError
from order_gateway.order import OrderRefused

from .orders import a_body, a_configuration


class TakingAConfiguration(unittest.TestCase):
    def test_without_one_no_order_is_taken(self):
        with self.assertRaises(NotReadyError):
            Gateway().accept(a_body())

    def test_an_invalid_first_one_leaves_the_gateway_not_ready_and_says_why(self):
        gateway = Gateway()
        self.assertFalse(gateway.take(a_configuration(order_lot_size="many")))
        self.assertIsNone(gateway.configuration)
        self.assertIn("order.lot.size", gateway.rejection)

    def test_an_invalid_later_one_leaves_the_valid_one_in_force(self):
        gateway, valid = Gateway(), a_configuration()
        gateway.take(valid)
        gateway.take(a_configuration(order_lot_size="many"))
        self.assertIs(gateway.configuration, valid)
        self.assertIn("many", gateway.rejection)

    def test_a_valid_one_clears_the_rejection(self):
        gateway = Gateway()
        gateway.take(a_configuration(order_lot_size="many"))
        gateway.take(a_configuration())
        self.assertEqual(gateway.rejection, "")

    def test_new_numbers_are_in_force_for_the_next_order(self):
        gateway = Gateway()
        gateway.take(a_configuration())
        gateway.accept(a_body(quantity=300))
        gateway.take(a_configuration(order_lot_size="200"))
        with self.assertRaises(OrderRefused):
            gateway.accept(a_body(quantity=300))


class TakingOrders(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.gateway.take(a_configuration())

    def test_orders_are_numbered_and_remembered(self):
        numbers = [self.gateway.accept(a_body()).number for _ in range(3)]
        self.assertEqual(numbers, [1, 2, 3])
        self.assertEqual([accepted.number for accepted in self.gateway.accepted()], numbers)

    def test_every_problem_is_named_at_once(self):
        with self.assertRaises(OrderRefused) as refused:
            self.gateway.accept(a_body(symbol="999999", quantity=150, price="6.575"))
        self.assertEqual([p.field for p in refused.exception.problems], ["symbol", "quantity", "price"])

    def test_a_refused_order_is_not_remembered(self):
        with self.assertRaises(OrderRefused):
            self.gateway.accept(a_body(quantity=1))
        self.assertEqual(self.gateway.accepted(), [])

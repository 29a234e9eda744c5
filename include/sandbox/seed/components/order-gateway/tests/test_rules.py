import unittest

from order_gateway.configuration import ConfigurationError
from order_gateway.rules import read_rules
from order_gateway.rules.instrument import InstrumentRule
from order_gateway.rules.limit import LimitRule
from order_gateway.rules.lot import LotRule
from order_gateway.rules.tick import TickRule

from .orders import a_configuration, an_order


class Instrument(unittest.TestCase):
    rule = InstrumentRule.configured(a_configuration())

    def test_a_listed_security_may_be_traded(self):
        self.assertIsNone(self.rule.check(an_order("600918")))

    def test_an_unlisted_security_may_not(self):
        self.assertEqual(self.rule.check(an_order("999999")).field, "symbol")


class Lot(unittest.TestCase):
    rule = LotRule.configured(a_configuration())

    def test_whole_lots_pass(self):
        self.assertIsNone(self.rule.check(an_order(quantity=300)))

    def test_a_part_of_a_lot_is_refused(self):
        self.assertEqual(self.rule.check(an_order(quantity=150)).reason, "must be a multiple of 100")


class Tick(unittest.TestCase):
    rule = TickRule.configured(a_configuration())

    def test_a_price_on_a_tick_passes(self):
        self.assertIsNone(self.rule.check(an_order(price="6.57")))

    def test_a_price_between_two_ticks_is_refused(self):
        self.assertEqual(self.rule.check(an_order(price="6.575")).field, "price")


class Limit(unittest.TestCase):
    rule = LimitRule.configured(a_configuration())

    def test_an_order_at_the_limit_passes(self):
        self.assertIsNone(self.rule.check(an_order(quantity=10000, price="100")))

    def test_too_many_shares_are_refused(self):
        self.assertEqual(self.rule.check(an_order(quantity=10100)).field, "quantity")

    def test_too_much_money_is_refused(self):
        self.assertEqual(self.rule.check(an_order(quantity=10000, price="100.01")).field, "price")


class ReadingRules(unittest.TestCase):
    def test_a_key_that_is_missing_is_named(self):
        with self.assertRaisesRegex(ConfigurationError, "order.lot.size is missing"):
            read_rules(a_configuration(order_lot_size=None))

    def test_a_value_that_is_no_number_is_named(self):
        for value in ("many", "0", "-100", "1.5", "²"):
            with self.subTest(value), self.assertRaisesRegex(ConfigurationError, "order.lot.size"):
                read_rules(a_configuration(order_lot_size=value))

    def test_an_amount_that_is_not_positive_is_named(self):
        for value in ("zero", "0", "-0.01", "NaN"):
            with self.subTest(value), self.assertRaisesRegex(ConfigurationError, "order.price.tick"):
                read_rules(a_configuration(order_price_tick=value))

    def test_a_key_that_this_version_does_not_know_changes_nothing(self):
        self.assertEqual(len(read_rules(a_configuration(future_key="1"))), len(read_rules(a_configuration())))

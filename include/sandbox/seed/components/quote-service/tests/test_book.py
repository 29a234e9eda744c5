import unittest

from quote_service.book import Book, NotReadyError
from quote_service.configuration import ConfigurationError, parse_properties

from .books import a_book, a_configuration


class Quoting(unittest.TestCase):
    def test_a_security_is_quoted_with_name_market_and_close(self):
        quote = a_book().quote("600918")
        self.assertEqual((quote["name"], quote["market"], quote["previous_close"]), ("中泰证券", "SH", "6.52"))

    def test_a_security_that_is_not_in_the_table_is_not_quoted(self):
        self.assertIsNone(a_book().quote("999999"))

    def test_only_the_markets_of_the_configuration_are_quoted(self):
        book = a_book(quote_markets="SZ")
        self.assertIsNone(book.quote("600918"))
        self.assertEqual(book.quote("000001")["market"], "SZ")

    def test_prices_have_the_places_of_the_configuration(self):
        self.assertEqual(a_book(quote_price_decimals="3").quote("600918")["previous_close"], "6.520")


class TakingAConfiguration(unittest.TestCase):
    def test_before_the_first_there_are_no_quotes(self):
        with self.assertRaisesRegex(NotReadyError, "no configuration"):
            Book().quotes()

    def test_an_invalid_one_is_refused_by_name_and_leaves_the_last_in_force(self):
        book = a_book()
        for wrong in ({"quote_markets": "SH,HK"}, {"quote_markets": None}, {"quote_price_decimals": "two"}):
            with self.subTest(wrong=wrong):
                self.assertFalse(book.take(a_configuration(**wrong)))
                self.assertIn(next(iter(wrong)).replace("_", "."), book.rejection)
                self.assertIsNotNone(book.quote("600918"))

    def test_a_key_that_this_version_does_not_know_changes_nothing(self):
        self.assertEqual(a_book(future_key="1").quotes(), a_book().quotes())

    def test_a_line_that_is_no_item_is_named(self):
        with self.assertRaisesRegex(ConfigurationError, "line 2"):
            parse_properties("a = 1\nnothing\n")

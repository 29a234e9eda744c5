import threading
import unittest

from quote_service.search import IndexNotReadyError, NameSearch

from .books import a_book

NAMES = {"000001": "平安银行", "600000": "浦发银行", "600918": "中泰证券"}


def answered(question, part):
    """The answer, as soon as the index is there."""
    while True:
        try:
            return question(part)
        except IndexNotReadyError:
            threading.Event().wait(0.005)


class Searching(unittest.TestCase):
    def test_any_part_of_a_name_finds_it(self):
        search = NameSearch(NAMES)
        for part, codes in (("银行", ["000001", "600000"]), ("中泰证券", ["600918"]), ("泰", ["600918"])):
            with self.subTest(part):
                self.assertEqual(answered(search.codes, part), codes)

    def test_what_is_in_no_name_finds_nothing(self):
        self.assertEqual(answered(NameSearch(NAMES).codes, "茅台"), [])

    def test_the_first_question_has_the_index_made_and_is_told_to_come_again(self):
        with self.assertRaises(IndexNotReadyError):
            NameSearch(NAMES).codes("银行")

    def test_the_book_gives_the_quotes_of_the_markets_it_quotes(self):
        quotes = answered(a_book(quote_markets="SZ").named, "银行")
        self.assertEqual([quote["symbol"] for quote in quotes], ["000001"])

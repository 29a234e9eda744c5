"""Configurations and books that tests begin with."""

from quote_service.book import Book
from quote_service.configuration import Configuration

ITEMS = {
    "quote.markets": "SH,SZ",
    "quote.price.decimals": "2",
}


def a_configuration(**changes):
    items = {**ITEMS, **{key.replace("_", "."): value for key, value in changes.items()}}
    return Configuration({key: value for key, value in items.items() if value is not None}, "test")


def a_book(**changes):
    book = Book()
    book.take(a_configuration(**changes))
    return book

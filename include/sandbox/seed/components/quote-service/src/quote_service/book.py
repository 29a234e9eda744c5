"""The book of quotes: which configuration it works with, and what it says of a security."""

from __future__ import annotations

import threading

from quote_service.configuration import Configuration, ConfigurationError
from quote_service.fields import Field, read_fields
from quote_service.search import NameSearch
from quote_service.securities import Security, read_securities

MARKETS = frozenset({"SH", "SZ"})
Quote = dict[str, object]


class NotReadyError(Exception):
    """No valid configuration has been taken yet."""


class Book:
    """Takes a configuration and answers from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._configuration: Configuration | None = None
        self._quotes: dict[str, Quote] = {}
        self._search = NameSearch({})
        self._rejection = "no configuration has been loaded yet"

    def take(self, configuration: Configuration) -> bool:
        """Quote by a configuration from now on; an invalid one leaves things as they are."""
        try:
            quotes = _quotes(configuration)
        except ConfigurationError as error:
            self.reject(f"configuration {configuration.sha256[:12]} from {configuration.source}: {error}")
            return False
        with self._lock:
            self._configuration, self._quotes, self._rejection = configuration, quotes, ""
            self._search = NameSearch({symbol: str(quote["name"]) for symbol, quote in quotes.items()})
        return True

    def reject(self, why: str) -> None:
        """Remember why the latest configuration was not taken."""
        with self._lock:
            self._rejection = why

    @property
    def configuration(self) -> Configuration | None:
        """The configuration in force."""
        with self._lock:
            return self._configuration

    @property
    def rejection(self) -> str:
        """Why the latest configuration was not taken; empty when it was."""
        with self._lock:
            return self._rejection

    def quotes(self) -> list[Quote]:
        """All quotes, by code; NotReadyError before there is a valid configuration."""
        with self._lock:
            if self._configuration is None:
                raise NotReadyError(self._rejection)
            return list(self._quotes.values())

    def quote(self, symbol: str) -> Quote | None:
        """One security's quote; None when it is not quoted here."""
        return next((quote for quote in self.quotes() if quote["symbol"] == symbol), None)

    def named(self, part: str) -> list[Quote]:
        """The quotes of the securities with such a part in their name; IndexNotReadyError, see NameSearch."""
        quotes = self.quotes()
        with self._lock:
            search = self._search
        found = search.codes(part)
        return [quote for quote in quotes if quote["symbol"] in found]


def _quotes(configuration: Configuration) -> dict[str, Quote]:
    fields = read_fields(configuration)
    markets = {name.strip() for name in configuration.required("quote.markets").split(",")}
    if not markets <= MARKETS:
        unknown = ", ".join(sorted(markets - MARKETS))
        raise ConfigurationError(f"quote.markets: {unknown} is not one of {', '.join(sorted(MARKETS))}")
    quoted = [one for one in read_securities().values() if one.market in markets]
    return {security.symbol: _quote(security, fields) for security in quoted}


def _quote(security: Security, fields: tuple[Field, ...]) -> Quote:
    quote: Quote = {}
    for field in fields:
        quote.update(field.of(security))
    return quote

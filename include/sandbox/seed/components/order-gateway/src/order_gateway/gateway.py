"""The gateway itself: which configuration it works with, and the orders it has taken."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from dataclasses import dataclass, replace

from order_gateway.configuration import Configuration, ConfigurationError
from order_gateway.order import Order, OrderRefused, read_order
from order_gateway.quotes import NoQuotes, Quotes
from order_gateway.rules import Rule, read_rules

REMEMBERED_ORDERS = 1000


@dataclass(frozen=True)
class Accepted:
    """An order that kept every rule, with its number."""

    number: int
    order: Order


class NotReadyError(Exception):
    """No valid configuration has been taken yet."""


class Gateway:
    """Takes configurations and orders from several threads."""

    def __init__(self, quotes: Quotes | None = None) -> None:
        self._quotes = quotes or NoQuotes()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._accepted: deque[Accepted] = deque(maxlen=REMEMBERED_ORDERS)
        self._configuration: Configuration | None = None
        self._rules: tuple[Rule, ...] = ()
        self._rejection = "no configuration has been loaded yet"

    def take(self, configuration: Configuration) -> bool:
        """Work with a configuration from now on; an invalid one leaves the last valid one in force."""
        try:
            rules = read_rules(configuration)
        except ConfigurationError as error:
            self.reject(f"configuration {configuration.sha256[:12]} from {configuration.source}: {error}")
            return False
        with self._lock:
            self._configuration, self._rules, self._rejection = configuration, rules, ""
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

    def accept(self, body: object) -> Accepted:
        """Check an order against every rule and take it; OrderRefused names all problems."""
        with self._lock:
            rules, ready = self._rules, self._configuration is not None
        if not ready:
            raise NotReadyError(self.rejection)
        order = read_order(body)
        order = replace(order, quote=self._quotes.quote(order.symbol))
        problems = [problem for rule in rules if (problem := rule.check(order))]
        if problems:
            raise OrderRefused(problems)
        with self._lock:
            accepted = Accepted(next(self._numbers), order)
            self._accepted.append(accepted)
        return accepted

    def accepted(self) -> list[Accepted]:
        """The latest orders taken, oldest first."""
        with self._lock:
            return list(self._accepted)

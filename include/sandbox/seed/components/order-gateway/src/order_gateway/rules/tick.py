"""A price is a whole number of ticks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from order_gateway.configuration import Configuration
from order_gateway.numbers import amount
from order_gateway.order import Order, Problem


@dataclass(frozen=True)
class TickRule:
    """The smallest step of a price in yuan, `order.price.tick`."""

    tick: Decimal

    @classmethod
    def configured(cls, configuration: Configuration) -> TickRule:
        """Read the tick."""
        return cls(amount(configuration, "order.price.tick"))

    def check(self, order: Order) -> Problem | None:
        """Refuse a price between two ticks."""
        if order.price % self.tick == 0:
            return None
        return Problem("price", f"must be a multiple of {self.tick}")

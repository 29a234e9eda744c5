"""One order may not be larger than the firm allows, in shares and in yuan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from order_gateway.configuration import Configuration
from order_gateway.numbers import amount, whole
from order_gateway.order import Order, Problem


@dataclass(frozen=True)
class LimitRule:
    """The largest quantity, `order.max.quantity`, and notional in yuan, `order.max.notional`."""

    quantity: int
    notional: Decimal

    @classmethod
    def configured(cls, configuration: Configuration) -> LimitRule:
        """Read both limits."""
        return cls(whole(configuration, "order.max.quantity"), amount(configuration, "order.max.notional"))

    def check(self, order: Order) -> Problem | None:
        """Refuse what is over either limit."""
        if order.quantity > self.quantity:
            return Problem("quantity", f"is over the limit of {self.quantity}")
        if order.notional > self.notional:
            return Problem("price", f"makes a notional over the limit of {self.notional} yuan")
        return None

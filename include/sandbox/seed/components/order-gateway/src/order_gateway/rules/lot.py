"""A quantity is a whole number of lots."""

from __future__ import annotations

from dataclasses import dataclass

from order_gateway.configuration import Configuration
from order_gateway.numbers import whole
from order_gateway.order import Order, Problem


@dataclass(frozen=True)
class LotRule:
    """Shares in a lot, `order.lot.size`."""

    size: int

    @classmethod
    def configured(cls, configuration: Configuration) -> LotRule:
        """Read the size of a lot."""
        return cls(whole(configuration, "order.lot.size"))

    def check(self, order: Order) -> Problem | None:
        """Refuse a part of a lot."""
        if order.quantity % self.size == 0:
            return None
        return Problem("quantity", f"must be a multiple of {self.size}")

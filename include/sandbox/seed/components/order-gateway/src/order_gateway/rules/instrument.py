"""An order names a security that may be traded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from order_gateway.configuration import Configuration
from order_gateway.instruments import read_instruments
from order_gateway.order import Order, Problem


@dataclass(frozen=True)
class InstrumentRule:
    """Holds the table of securities by code."""

    instruments: Mapping[str, str]

    @classmethod
    def configured(cls, _configuration: Configuration) -> InstrumentRule:
        """The table goes with the code; the configuration has no say in it."""
        return cls(read_instruments())

    def check(self, order: Order) -> Problem | None:
        """Refuse an unknown code."""
        if order.symbol in self.instruments:
            return None
        return Problem("symbol", f"{order.symbol} is not a security that may be traded")

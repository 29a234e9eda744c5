"""Where a security closed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quote_service.configuration import Configuration
from quote_service.numbers import whole
from quote_service.securities import Security


@dataclass(frozen=True)
class ClosingField:
    """The previous close with `quote.price.decimals` places, as text, so that it stays exact."""

    step: Decimal

    @classmethod
    def configured(cls, configuration: Configuration) -> ClosingField:
        """Read the places."""
        return cls(Decimal(1).scaleb(-whole(configuration, "quote.price.decimals")))

    def of(self, security: Security) -> dict[str, object]:
        """The previous close in yuan."""
        return {"previous_close": str(security.previous_close.quantize(self.step))}

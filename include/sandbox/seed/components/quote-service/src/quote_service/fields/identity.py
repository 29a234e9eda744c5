"""Which security it is."""

from __future__ import annotations

from quote_service.configuration import Configuration
from quote_service.securities import Security


class IdentityField:
    """Code, name and market."""

    @classmethod
    def configured(cls, _configuration: Configuration) -> IdentityField:
        """It needs no number."""
        return cls()

    def of(self, security: Security) -> dict[str, object]:
        """Code, name and market."""
        return {"symbol": security.symbol, "name": security.name, "market": security.market}

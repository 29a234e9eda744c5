"""The securities that are quoted: a table that goes with the code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

TABLE = Path(__file__).with_name("securities.json")


@dataclass(frozen=True)
class Security:
    """One security: its code, its name, where it closed."""

    symbol: str
    name: str
    previous_close: Decimal

    @property
    def market(self) -> str:
        """Shanghai's codes begin with 6, all others are Shenzhen's."""
        return "SH" if self.symbol.startswith("6") else "SZ"


def read_securities() -> dict[str, Security]:
    """Each security by its six-digit code; the table has `name close` by code."""
    table: dict[str, str] = json.loads(TABLE.read_text("utf-8"))
    found = {}
    for symbol, text in table.items():
        name, _, close = text.rpartition(" ")
        found[symbol] = Security(symbol, name, Decimal(close))
    return found

"""How a system is reached, as a connection says it; nothing here knows where connections come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field

from hummingbird.core.record import Record


class Reach(Record):
    """Address, account and extras of one connection."""

    url: str
    user: str = ""
    secret: str = Field(default="", repr=False)
    extra: dict[str, Any] = Field(default_factory=dict, repr=False)


Reaching = Callable[[str], Reach]
"""Connection id → how its system is reached; NotFound when there is no such connection."""

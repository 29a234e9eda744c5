"""The securities that may be traded: a table that goes with the code."""

from __future__ import annotations

import json
from pathlib import Path

TABLE = Path(__file__).with_name("instruments.json")


def read_instruments() -> dict[str, str]:
    """Name of each security by its six-digit code."""
    return dict(json.loads(TABLE.read_text("utf-8")))

"""Which version and commit this is: written by the pipeline beside this file before packaging."""

from __future__ import annotations

import json
from pathlib import Path

STAMP = Path(__file__).with_name("build_info.json")


def read_build_info() -> dict[str, str]:
    """Component, version and commit; a plain checkout says that it was never built."""
    if not STAMP.exists():
        return {"component": "quote-service", "version": "unbuilt", "commit": "unknown"}
    return dict(json.loads(STAMP.read_text("utf-8")))

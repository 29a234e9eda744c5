"""A JSON object of a checkout, and the line where something in it stands."""

from __future__ import annotations

import json
from typing import Any

from hummingbird.scanners.declared.problem import NOT_READ, Problem


def object_of(name: str, text: str) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The object, or the problem that it is none."""
    try:
        content = json.loads(text.removeprefix("\ufeff"))
    except ValueError as error:
        return None, [Problem(name, 1, NOT_READ, f"is not JSON ({error}); nothing that it names is known")]
    if not isinstance(content, dict):
        return None, [Problem(name, 1, NOT_READ, "is no JSON object; nothing that it names is known")]
    return content, []


def line_of(text: str, key: str, value: str = "") -> int:
    """The first line with this key, and this value where one is given; 1 when it is written otherwise."""
    quoted, content = json.dumps(key), json.dumps(value) if value else ""
    lines = enumerate(text.splitlines(), start=1)
    return next((n for n, line in lines if f"{quoted}:" in line.replace('" :', '":') and content in line), 1)

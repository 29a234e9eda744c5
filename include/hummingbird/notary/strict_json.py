"""JSON from a stranger: one meaning or none."""

from __future__ import annotations

import json
from typing import Any

from hummingbird.core.errors import Invalid

_DEEPEST = 40


def parse(content: bytes, about: str) -> dict[str, Any]:
    """An object of unique keys, finite numbers, bounded depth, UTF-8; Invalid otherwise."""
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{about}: not the JSON it should be: {error}") from error
    if not isinstance(value, dict):
        raise Invalid(f"{about}: expected an object, found {type(value).__name__}")
    if _depth_exceeds(value, _DEEPEST):
        raise Invalid(f"{about}: nested deeper than {_DEEPEST}")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object names a key twice")
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _depth_exceeds(value: Any, left: int) -> bool:
    if left == 0:
        return True
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_depth_exceeds(child, left - 1) for child in children)

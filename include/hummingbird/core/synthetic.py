"""Invented history says so itself: whoever reads an event can tell it from what happened."""

from __future__ import annotations

from typing import Any

PREFIX = "synthetic:"
"""What the actor of every invented event begins with."""

MARK = "synthetic"
"""The field of an invented event's data that names what made it."""


def synthetic_actor(actor: str) -> str:
    """The actor of an invented event, as a real one would have been named after the prefix."""
    return PREFIX + actor


def is_synthetic(actor: str) -> bool:
    """Whether an event was invented, by its actor."""
    return actor.startswith(PREFIX)


def marked(data: dict[str, Any], maker: str) -> dict[str, Any]:
    """The event's data, saying that it is invented and what made it."""
    return {**data, MARK: maker}

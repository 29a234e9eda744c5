"""Faults in tests: set for the time of a `with`, on a stand-in that really runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.faults.book import Book
from sandbox.faults.rule import Rule, rule
from sandbox.world import World


@contextmanager
def fault(
    world: World, system: str, kind: str, match: dict[str, Any] | None = None, **settings: Any
) -> Iterator[Rule]:
    """A fault of a system while inside; `match` has the rule's other fields."""
    book = Book(world)
    made = book.add(rule({"system": system, "kind": kind, "settings": settings, **(match or {})}))
    try:
        yield made
    finally:
        book.clear(made.id)


def applied(world: World, made: Rule) -> list[dict[str, Any]]:
    """When and where a rule took effect, oldest first."""
    log = Book(world).folder / "applied.log"
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    return [line for line in map(json.loads, lines) if line["rule"] == made.id]

"""Faults in tests: set for the time of a `with`, on a stand-in that really runs."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.faults.book import Book
from sandbox.faults.rule import Rule, rule
from sandbox.world import World
from waiting import until


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


def until_back(world: World, system: str) -> None:
    """Wait until a system that was gone or silent takes connections again."""

    def answers() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", world.port(system)), timeout=0.5):
                return True
        except OSError:
            return False

    until(answers)


def applied(world: World, made: Rule) -> list[dict[str, Any]]:
    """When and where a rule took effect, oldest first."""
    log = Book(world).folder / "applied.log"
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    return [line for line in map(json.loads, lines) if line["rule"] == made.id]

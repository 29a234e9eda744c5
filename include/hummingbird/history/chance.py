"""Seeded chance: the same seed invents the same history, whatever else the process does."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


class Chance:
    """Draws for one part of a history; parts are seeded by name, so that one does not move another."""

    def __init__(self, seed: int, part: str) -> None:
        self._random = random.Random(f"{seed}/{part}")  # noqa: S311 - nothing secret is drawn

    def happens(self, share: float) -> bool:
        """True in that share of the draws."""
        return self._random.random() < share

    def between(self, low: float, high: float) -> float:
        """Any number of the span alike."""
        return self._random.uniform(low, high)

    def whole(self, low: int, high: int) -> int:
        """Any whole number from low to high alike, both included."""
        return self._random.randint(low, high)

    def around(self, median: float, spread: float = 0.4) -> float:
        """Log-normal, half of the draws below the median; with a spread of 0.4, p95 is twice the median."""
        return self._random.lognormvariate(math.log(median), spread)

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """Any of them alike."""
        return things[self._random.randrange(len(things))]

    def some_of(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """That many different ones, in random order."""
        return self._random.sample(things, count)

    def weighted(self, weights: Mapping[Thing, float]) -> Thing:
        """One of them by weight."""
        return self._random.choices(list(weights), list(weights.values()))[0]

    def hex(self, digits: int) -> str:
        """That many hex digits."""
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

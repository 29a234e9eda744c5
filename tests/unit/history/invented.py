"""A small invented history, made once for all tests that only look at it."""

from __future__ import annotations

from datetime import date
from functools import cache

from builders import the_catalogue
from hummingbird.history.generate import wished
from hummingbird.history.invent import Wish, invent
from hummingbird.history.told import Moment

LAST_DAY = date(2026, 11, 20)


def a_wish(seed: int = 85, cycles: int = 180, components: int = 5) -> Wish:
    """Enough for every fate of a release to come up."""
    return wished(seed, cycles, components, LAST_DAY)


@cache
def moments(seed: int = 85) -> tuple[Moment, ...]:
    """The events of the history."""
    return tuple(invent(a_wish(seed), the_catalogue()))

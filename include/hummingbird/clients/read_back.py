"""A call whose answer was lost may have taken effect: what is read back afterwards answers for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hummingbird.clients.retrying import NotSent, TurnedAway
from hummingbird.core.errors import Retryable

T = TypeVar("T")


def or_read_back(act: Callable[[], T], effect: Callable[[], T | None]) -> T:
    """What `act` answers, or, when its answer was lost or unreadable, the effect that is found afterwards.

    It is never acted twice here. Where no effect is found the first error stands: the caller's retry looks
    before it acts.
    """
    try:
        return act()
    except (NotSent, TurnedAway):
        raise
    except Retryable as lost:
        found = effect()
        if found is None:
            raise lost from None
        return found

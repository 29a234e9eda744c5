"""When a failed call is made again: only where that cannot act twice, after a random wait, within bounds."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hummingbird.core.errors import Overloaded, Retryable, Unreachable

T = TypeVar("T")


class NotSent(Unreachable):
    """No connection came about: the call cannot have taken effect, whatever it was."""


class TurnedAway(Overloaded):
    """Refused at the door (429): the call has not taken effect."""


@dataclass(frozen=True)
class Retrying:
    """Bounds and surroundings of repeated calls; times in seconds."""

    attempts: int = 4
    first: float = 0.3
    """Upper end of the first random wait; it doubles with every attempt (full jitter)."""
    longest: float = 8.0
    longest_asked: float = 30.0
    """A longer Retry-After is not waited for but handed to the caller as `after`."""
    patience: float = 90.0
    """No new attempt begins when its wait would end later than this."""
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.SystemRandom().random
    """A number from 0 to 1."""
    monotonic: Callable[[], float] = time.monotonic

    def run(self, call: Callable[[], T], *, again: bool) -> T:
        """The call's result; `again` says that acting twice does no harm. Raises the last error."""
        begun = self.monotonic()
        for attempt in itertools.count(1):
            try:
                return call()
            except Retryable as error:
                harmless = again or isinstance(error, NotSent | TurnedAway)
                wait = self._wait(error, attempt)
                late = self.monotonic() - begun + wait > self.patience
                if not harmless or attempt >= self.attempts or late or wait > self._most(error):
                    raise
                self.sleep(wait)
        raise AssertionError("itertools.count ended")

    def _wait(self, error: Retryable, attempt: int) -> float:
        spread = min(self.longest, self.first * float(2 ** (attempt - 1))) * self.chance()
        return spread if error.after is None else error.after + min(spread, self.first)

    def _most(self, error: Retryable) -> float:
        return self.longest if error.after is None else self.longest_asked + self.first


PATIENT = Retrying(attempts=90, longest=4.0, patience=90.0)
"""For the platform's own services. While they are away nothing can be decided, and a run that gave up would
have to be started again by a person: a start-up of theirs is waited for."""

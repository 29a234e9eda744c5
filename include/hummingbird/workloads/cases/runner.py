"""What a runner of one kind of suite can do: find its cases, and run one of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hummingbird.core.component import Suite
from hummingbird.core.regression import Attempt, SelectedCase


class TakenAway(Exception):
    """The case that runs is another pod's now: whatever comes of it here counts no more."""


Beat = Callable[[], None]
"""Says that this pod is at work; raises TakenAway when the case is not its own any more."""


def unwatched() -> None:
    """The beat of whoever has nobody to tell."""


@dataclass(frozen=True)
class SuitePlace:
    """A suite of a checked-out commit, and what its tests may know of their surroundings."""

    checkout: Path
    suite: Suite
    scratch: Path
    """A folder of this suite's own."""
    environment: Mapping[str, str]
    """Addresses of the namespace's services; no ticket, no token."""


class CaseSession(Protocol):
    """A suite that is ready to run: its process, or device, is kept from case to case."""

    def run(self, name: str, seconds: float, beat: Beat) -> Attempt:
        """Run one case; TIMED_OUT after `seconds`, ERROR when the process dies; calls `beat` meanwhile."""

    def close(self) -> None:
        """End what was kept; again changes nothing."""


class CaseRunner(Protocol):
    """Runs the cases of one kind of suite."""

    def select(self, place: SuitePlace) -> list[SelectedCase]:
        """Every case of the suite, in the files' order; what cannot be collected is a case with a problem."""

    def open(self, place: SuitePlace, pod: str) -> CaseSession:
        """A session; nothing is started before the first case."""

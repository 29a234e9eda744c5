"""What can become of a release, and how many cycles each end takes."""

from __future__ import annotations

from enum import StrEnum


class Fate(StrEnum):
    """How a release goes."""

    SMOOTH = "smooth"
    """To test, to production, done."""
    SUITE_RED = "suite_red"
    """The suite is red in test; mended on the branch, the next bundle goes through."""
    REJECTED = "rejected"
    """An approver says no to production; asked again later, the same bundle goes through."""
    CLOUD_GONE = "cloud_gone"
    """One cluster cannot be reached: partial, and a second run brings the rest. One cycle, two runs."""
    ROLLED_BACK = "rolled_back"
    """It does not come to serve in production and goes back by itself; a hotfix follows."""
    INCIDENT = "incident"
    """It serves and is wrong: a person rolls it back, a hotfix follows."""
    AWAITS_TEST = "awaits_test"
    """The history ends while people are asked for test."""
    AWAITS_PROD = "awaits_prod"
    """The history ends while people are asked for production."""


CYCLES = {
    Fate.SMOOTH: 2,
    Fate.SUITE_RED: 3,
    Fate.REJECTED: 2,
    Fate.CLOUD_GONE: 2,
    Fate.ROLLED_BACK: 4,
    Fate.INCIDENT: 5,
    Fate.AWAITS_TEST: 0,
    Fate.AWAITS_PROD: 1,
}
"""Distinct bundle, environment and operation that were brought to an end; a retry counts once."""

TROUBLE = {
    Fate.SUITE_RED: 0.34,
    Fate.REJECTED: 0.2,
    Fate.CLOUD_GONE: 0.12,
    Fate.ROLLED_BACK: 0.2,
    Fate.INCIDENT: 0.14,
}
"""Of the releases that do not go smoothly."""

"""Whose turn it is in an environment: releases that wait for each other, first come, first served."""

from __future__ import annotations

from pydantic import AwareDatetime

from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey

TASK = "obtain_warrant"
"""The task of a delivery path that waits for its turn and for the window; the notary wakes it."""
GO = "Go"
"""What it is woken with; its answer opens nothing by itself, the warrant does."""


class InFront(Record):
    """A release that another one waits for."""

    story: StoryKey
    run: str
    since: AwareDatetime
    """When it got its warrant, or else when it first asked for it."""
    at_work: bool
    """Whether it holds the environment; else it waits too, further in front."""

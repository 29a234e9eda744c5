"""How long an outage may be before a call is given up."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from hummingbird.clients.retrying import PATIENT, NotSent, Retrying
from hummingbird.core.errors import Unreachable


def after(outage: float, policy: Retrying) -> float:
    """Call what is away for so many seconds; the moment of the answer."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    def call() -> float:
        if now[0] < outage:
            raise NotSent("no connection")
        return now[0]

    chance = random.Random(5).random
    return replace(policy, sleep=sleep, monotonic=lambda: now[0], chance=chance).run(call, again=False)


def test_a_minute_without_the_platform_s_own_services_is_waited_out() -> None:
    assert 60 <= after(60, PATIENT) < 70


def test_it_is_not_waited_for_ever() -> None:
    with pytest.raises(Unreachable):
        after(100, PATIENT)


def test_another_system_is_given_up_sooner_and_the_task_is_tried_again() -> None:
    with pytest.raises(Unreachable):
        after(10, Retrying())

"""F8, F9, F11, F12: every client meets error statuses, throttling, garbage and a drip in bounded time.

Nothing that is not the promised answer ever counts as one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from faulty import applied, fault
from hummingbird.core.artifact import Image
from hummingbird.core.component import ApolloNamespace
from hummingbird.core.errors import Garbled, Overloaded, Retryable, Unreachable
from hummingbird.core.story import StoryKey
from sandbox.seed.harbor import base_image_reference
from sandbox_world import SandboxWorld

pytestmark = pytest.mark.long

_NAME, _, _DIGEST = base_image_reference().partition("@")
BASE = Image(repository=_NAME, digest=_DIGEST)
ASKS: dict[str, Callable[[Any], object]] = {
    "jira": lambda client: client.story(StoryKey("HB-101")),
    "gitlab": lambda client: client.branches("trading/order-gateway"),
    "harbor": lambda client: client.exists(BASE),
    "artifactory": lambda client: client.put("reports-local", "a/b.txt", b"1", "text/plain"),
    "apollo": lambda client: client.items("DEV", ApolloNamespace(app="order-gateway")),
}
FIXTURES = {"gitlab": "code"}


@pytest.fixture(params=list(ASKS))
def asked(request: pytest.FixtureRequest) -> tuple[str, Callable[[], object]]:
    """A system and one question to it."""
    system: str = request.param
    client = request.getfixturevalue(FIXTURES.get(system, system))
    return system, lambda: ASKS[system](client)


def _raised(ask: Callable[[], object], within: float) -> Retryable:
    began = time.monotonic()
    with pytest.raises(Retryable) as failed:
        ask()
    assert time.monotonic() - began < within
    return failed.value


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_outage_is_waited_out_within_bounds(
    seeded: SandboxWorld, asked: tuple[str, Callable[[], object]], status: int
) -> None:
    system, ask = asked
    whole = ask()
    with fault(seeded.world, system, "status", {"count": 2}, status=status, body="html"):
        assert ask() == whole
    with fault(seeded.world, system, "status", status=status) as made:
        error = _raised(ask, within=10)
        assert f"found {status}" in str(error)
        assert len(applied(seeded.world, made)) == 3  # attempts, and no more


def test_retry_after_is_honoured_as_seconds_and_as_a_date(
    seeded: SandboxWorld, asked: tuple[str, Callable[[], object]]
) -> None:
    system, ask = asked
    ask()
    for dated in (False, True):
        with fault(seeded.world, system, "throttle", {"count": 1}, retry_after=2.0, retry_date=dated):
            began = time.monotonic()
            ask()
            assert time.monotonic() - began >= 1.0 if dated else 2.0


def test_a_retry_after_beyond_the_cap_is_handed_on_at_once(
    seeded: SandboxWorld, asked: tuple[str, Callable[[], object]]
) -> None:
    system, ask = asked
    with fault(seeded.world, system, "throttle", retry_after=600.0):
        error = _raised(ask, within=3)
    assert isinstance(error, Overloaded)
    assert error.after == 600


@pytest.mark.parametrize("kind", ["truncate", "html", "reset"])
def test_garbage_is_an_error_and_never_an_answer(
    seeded: SandboxWorld, asked: tuple[str, Callable[[], object]], kind: str
) -> None:
    system, ask = asked
    whole = ask()
    with fault(seeded.world, system, kind, {"method": "GET"}):
        assert isinstance(_raised(ask, within=10), Garbled | Unreachable)
    with fault(seeded.world, system, "reset", {"count": 2}):
        assert ask() == whole


def test_a_drip_ends_at_the_total_deadline_of_each_attempt(
    seeded: SandboxWorld, asked: tuple[str, Callable[[], object]]
) -> None:
    system, ask = asked
    with fault(seeded.world, system, "drip", bytes_per_second=1.0):
        error = _raised(ask, within=20)
    assert isinstance(error, Unreachable)


def test_a_system_that_is_gone_or_silent_is_unreachable_in_bounded_time(
    seeded: SandboxWorld, asked: tuple[str, Callable[[], object]]
) -> None:
    system, ask = asked
    whole = ask()
    for kind in ("gone", "blackhole"):
        with fault(seeded.world, system, kind):
            assert isinstance(_raised(ask, within=15), Unreachable)
    ends = time.monotonic() + 5
    while True:
        try:
            assert ask() == whole
            return
        except Unreachable:
            assert time.monotonic() < ends

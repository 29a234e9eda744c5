"""Webhooks that a rule loses, doubles, delays or puts behind the next one."""

from __future__ import annotations

import time
from typing import Any

import pytest

from faulty import fault
from unit.sandbox.gitlab.gitlab_world import Clone, Receiver, Running


@pytest.fixture
def hook(running: Running, maintainer: Clone, project: Any, receiver: Receiver) -> Any:
    owner = running.api("platform").projects.get(project.id)
    return owner.hooks.create({"url": receiver.url, "token": "s3cret", "push_events": True})


def _push(developer: Clone, number: int) -> str:
    commit = developer.commit(f"step {number}", {"step": str(number)})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    return commit


def test_a_lost_webhook_never_comes_and_the_next_one_does(
    running: Running, hook: Any, developer: Clone, receiver: Receiver
) -> None:
    with fault(running.world, "gitlab", "webhook_lost", {"path": "push_events", "count": 1}):
        _push(developer, 1)
        second = _push(developer, 2)
        _, push = receiver.next()
    assert push["after"] == second


def test_a_doubled_webhook_comes_twice_under_one_name(
    running: Running, hook: Any, developer: Clone, receiver: Receiver
) -> None:
    with fault(running.world, "gitlab", "webhook_doubled", {"count": 1}):
        commit = _push(developer, 1)
        found = [receiver.next(), receiver.next()]
    assert [push["after"] for _, push in found] == [commit, commit]
    assert len({headers["Idempotency-Key"] for headers, _ in found}) == 1


def test_a_webhook_can_come_after_the_next_one(
    running: Running, hook: Any, developer: Clone, receiver: Receiver
) -> None:
    with fault(running.world, "gitlab", "webhook_reordered", {"count": 1}):
        first, second = _push(developer, 1), _push(developer, 2)
        found = [receiver.next()[1]["after"], receiver.next()[1]["after"]]
    assert found == [second, first]


def test_a_delayed_webhook_is_overtaken(
    running: Running, hook: Any, developer: Clone, receiver: Receiver
) -> None:
    with fault(running.world, "gitlab", "webhook_delayed", {"count": 1}, seconds=2.0):
        began = time.monotonic()
        first, second = _push(developer, 1), _push(developer, 2)
        assert receiver.next()[1]["after"] == second
        assert receiver.next()[1]["after"] == first
        assert time.monotonic() - began >= 2

"""F5: a work pod that is evicted, out of memory or deleted is machinery; a program that fails is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from faults.operator import attempts
from faulty import fault, until_back
from hummingbird.core.errors import Final, Retryable
from hummingbird.orchestration.refusal import Ended
from hummingbird.orchestration.retry import DeliveryRetryPolicy
from sandbox.world import World
from sandbox_world import SandboxWorld

WORKS = "echo at work; exec sleep 60"


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld) -> World:
    return sandbox.seeded("harbor", "clusters").world


@pytest.fixture
def attempt(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with attempts(world, monkeypatch) as made:
        yield made


def _tried_again(error: BaseException) -> bool:
    return str(DeliveryRetryPolicy().evaluate(error, 1, 3).action).lower().endswith("retry")


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("pod_evicted", "Evicted: The node was low on resource: memory"),
        ("pod_oom", "more memory than its limit of 1Gi"),
        ("pod_deleted", "was deleted while it worked"),
    ],
)
def test_a_lost_pod_is_tried_again_with_its_reason(world: World, attempt: Any, kind: str, told: str) -> None:
    with fault(world, "tools", kind, {"path": "hummingbird/hb-scan", "count": 1}):
        with pytest.raises(Retryable) as lost:
            attempt(WORKS).run()
        assert told in str(lost.value)
        assert _tried_again(lost.value)
        second = attempt("echo done", 2)
        second.notary.found = {"kind": "scan"}
        second.run()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'REFUSED: scan: the commit is not in the repository'; exit 2", "REFUSED: scan: the commit"),
        ("echo 'Traceback'; echo 'KeyError: 7'; exit 1", "KeyError: 7"),
    ],
)
def test_what_the_program_did_is_not_tried_again(attempt: Any, script: str, told: str) -> None:
    with pytest.raises(Final) as failed:
        attempt(script).run()
    assert told in str(failed.value)
    assert not _tried_again(failed.value)


def test_broken_machinery_in_the_pod_is_tried_again_in_its_own_words(attempt: Any) -> None:
    with pytest.raises(Retryable) as broken:
        attempt("echo 'BROKEN: scan: GitLab: no answer in time'; exit 1").run()
    assert str(broken.value) == "BROKEN: scan: GitLab: no answer in time"
    assert _tried_again(broken.value)


def test_a_throttled_api_server_fails_no_pod(world: World, attempt: Any) -> None:
    match = {"path": "/api/v1/namespaces/hummingbird/pods", "after": 2, "count": 3}
    made = attempt("echo done")
    made.notary.found = {"kind": "scan"}
    with fault(world, "tools", "throttle", match, retry_after=1.0):
        made.run()


@pytest.mark.long
def test_a_cluster_that_is_silent_is_machinery_in_bounded_time_and_not_for_ever(
    world: World, attempt: Any
) -> None:
    with fault(world, "tools", "blackhole"):
        began = time.monotonic()
        with pytest.raises(Retryable) as silent:
            attempt(WORKS).run()
        with pytest.raises(Ended):
            attempt(WORKS, 2).run()
        assert time.monotonic() - began < 90
    assert _tried_again(silent.value)
    until_back(world, "tools")


@pytest.mark.long
def test_a_cluster_that_is_gone_is_machinery_and_says_so(world: World, attempt: Any) -> None:
    with fault(world, "tools", "gone", {"path": "/log", "count": 1}), pytest.raises(Retryable) as gone:
        attempt(WORKS).run()
    until_back(world, "tools")
    assert "tools" in str(gone.value)
    assert _tried_again(gone.value)

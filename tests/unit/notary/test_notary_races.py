"""Approval, rejection and a change of what was asked race: one outcome stands, and it stays (F18)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from unit.notary.delivery_samples import a_bundle
from unit.notary.scene import Scene

pytestmark = pytest.mark.long
ROUNDS = 12


def test_answers_and_a_change_that_race_end_in_one_outcome(scene: Scene) -> None:
    scene.through_test(a_bundle())
    roles = scene.folder / "roles.yaml"
    policy = roles.read_text("utf-8")
    states = set()
    for number in range(ROUNDS):
        run = f"prod_deploy/HB-101.{number}"
        roles.write_text(policy, "utf-8")
        scene.admit(run, bundle=a_bundle().sha256, environment="prod")
        identity = str(scene.ask(a_bundle(), "prod", run).json()["id"])
        posts = [
            partial(scene.post, f"/approvals/{identity}/answers", scene.airflow.answered(identity, *answer))
            for answer in _answers(number)
        ]
        racers: list[Callable[[], Any]] = [*posts, *posts]
        if number % 3 == 0:
            racers.insert(1, partial(roles.write_text, policy.replace("孙浩", "孙皓"), "utf-8"))
        with ThreadPoolExecutor(len(racers)) as pool:
            list(pool.map(lambda race: race(), racers))
        after = scene.get(f"/approvals/{identity}").json()
        states.add(after["state"])
        assert after["state"] in ("approved", "rejected", "void"), after
        closed = [kind for kind in scene.kinds(subject=identity) if kind == "APPROVAL_CLOSED"]
        assert closed == ["APPROVAL_CLOSED"]
        decisions = [given["decision"] for given in after["approvals"]]
        assert (after["state"] == "approved") == (decisions == ["approved", "approved"]), after
        assert len(decisions) == len({given["person"] for given in after["approvals"]})
        for post in posts:
            post()
        assert scene.get(f"/approvals/{identity}").json() == after
    assert {"approved", "rejected"} <= states


def _answers(number: int) -> list[tuple[int, str, str]]:
    """In every second round one of the two says no."""
    second = "Reject" if number % 2 else "Approve"
    return [(1, "release_approver", "Approve"), (2, "operations_approver", second)]

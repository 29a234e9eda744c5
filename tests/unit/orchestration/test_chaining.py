"""Which branch's scan goes on to a build, and which build to dev."""

from __future__ import annotations

import pytest

from builders import COMMIT, a_story
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.orchestration.steps import chaining


def a_plan(branch: str, mode: str = "incremental") -> Plan:
    return Plan(
        dag_id="scan",
        run_id="r",
        story=a_story(),
        requester=None,
        mode=mode,
        components=[PlannedComponent(name="order-gateway", branch=branch, commit=COMMIT)],
        policy_version="a" * 64,
    )


@pytest.mark.parametrize(
    ("branch", "builds", "to_dev"),
    [
        ("feature/HB-101-x", False, False),
        ("develop", True, True),
        ("release/1.1.0", True, False),
        ("hotfix/1.0.1", True, False),
        ("master", False, False),
        ("finish/v1.0.1", False, False),
        ("bugfix/x", False, False),
        ("", False, False),
    ],
)
def test_what_follows_a_green_scan_and_a_build(branch: str, builds: bool, to_dev: bool) -> None:
    why_no_build = chaining._branch_is_not_built(a_plan(branch), {})
    why_no_dev = chaining._branch_is_not_develop(a_plan(branch), {})
    assert ((why_no_build is None), (why_no_dev is None)) == (builds, to_dev)
    for why in filter(None, (why_no_build, why_no_dev)):
        assert (branch or "a commit without a branch") in why


def test_a_full_scan_that_somebody_asked_for_starts_nothing_else() -> None:
    assert chaining._branch_is_not_built(a_plan("develop", "full"), {}) is not None

"""Branch kinds: every rule of the flow hangs on these names."""

from __future__ import annotations

import pytest

from hummingbird.core.code_host import CommitInfo
from hummingbird.core.gitflow import BranchKind, branch_kind, flow_of, new_work


@pytest.mark.parametrize(
    ("branch", "kind"),
    [
        ("feature/HB-101-limit", "feature"),
        ("develop", "develop"),
        ("release/1.2.0", "release"),
        ("hotfix/1.1.1", "hotfix"),
        ("master", "master"),
        ("finish/v1.1.1", "finish"),
        ("bugfix/HB-101", "other"),
        ("developer", "other"),
        ("release", "other"),
        ("release/", "other"),
        ("Release/1.0", "other"),
        ("my/release/1.0", "other"),
        ("main", "other"),
        ("", "other"),
    ],
)
def test_a_branch_is_what_its_name_says(branch: str, kind: str) -> None:
    assert branch_kind(branch) == BranchKind(kind)


def test_what_follows_for_each_kind() -> None:
    table = {
        name: (flow.scanned, flow.scanned_when_merged, flow.built, flow.to_dev, flow.delivered)
        for name in ("feature/x", "develop", "release/1", "hotfix/1", "master", "finish/v1", "bugfix/x")
        for flow in [flow_of(name)]
    }
    assert table == {
        "feature/x": (True, True, False, False, False),
        "develop": (True, False, True, True, False),
        "release/1": (True, False, True, False, True),
        "hotfix/1": (True, False, True, False, True),
        "master": (False, False, False, False, False),
        "finish/v1": (False, False, False, False, False),
        "bugfix/x": (False, True, False, False, False),
    }


def a_commit(identity: str, *parents: str) -> CommitInfo:
    return CommitInfo(
        id=identity,
        title="t",
        message="t",
        author_name="a",
        author_email="a@x",
        authored_at="2026-11-22T10:00:00Z",
        parents=list(parents),
    )


def test_a_merge_that_brings_back_what_was_delivered_is_no_new_work() -> None:
    work = a_commit("w", "back")
    back = a_commit("back", "before", "delivered")
    assert new_work([work, back]) == [work]


def test_a_merge_of_new_commits_is_new_work() -> None:
    merge, feature = a_commit("m", "before", "f"), a_commit("f", "before")
    assert new_work([merge, feature]) == [merge, feature]

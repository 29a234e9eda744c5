"""The door of scan, build and dev_deploy: what a hook or a person claims is asked again at the code host."""

from __future__ import annotations

import pytest

from builders import a_story, the_catalogue
from hummingbird.core.code_host import MergeRequest
from hummingbird.core.plan import Plan
from hummingbird.paths.admit import Refusal, Request
from hummingbird.paths.admit_change import Change, admit_change
from unit.paths.releases import admitted, refused
from world_in_memory import MemoryCode, MemoryTracker

CATALOGUE = the_catalogue()


class World:
    def __init__(self) -> None:
        self.tracker, self.code = MemoryTracker(), MemoryCode()
        self.tracker.add(a_story("HB-101"), a_story("HB-107", closed=True, status="Done"))
        self.code.write("master", "first")
        self.code.write("develop", "HB-101 more", base="master")

    def ask(
        self, *, path: str = "scan", story: str = "HB-101", user: str | None = None, **told: object
    ) -> Plan | Refusal:
        change = Change.model_validate({"component": "order-gateway", "mode": "incremental", **told})
        request = Request(dag_id=path, run_id="r", story=story, requester=user)
        return admit_change(CATALOGUE, self.tracker, self.code, request, change)


@pytest.fixture
def world() -> World:
    return World()


def test_a_commit_that_the_named_branch_does_not_hold_is_refused(world: World) -> None:
    feature = world.code.write("feature/HB-101-x", "HB-101 x", base="develop")
    assert admitted(world.ask(branch="feature/HB-101-x", commit=feature))
    why = refused(world.ask(branch="develop", commit=feature))
    assert why.startswith("develop of trading/order-gateway is at ")
    assert f"does not contain {feature[:8]}" in why


def test_an_older_commit_of_a_branch_is_still_its_own(world: World) -> None:
    old = world.code.write("feature/HB-101-x", "HB-101 x", base="develop")
    world.code.write("feature/HB-101-x", "HB-101 y")
    assert admitted(world.ask(branch="feature/HB-101-x", commit=old))


def test_a_branch_that_is_gone_is_refused_by_name(world: World) -> None:
    head = world.code.heads["develop"]
    assert "has no branch 'feature/gone' now" in refused(world.ask(branch="feature/gone", commit=head))


def test_a_commit_without_a_branch_is_taken_as_it_is(world: World) -> None:
    assert admitted(world.ask(commit=world.code.heads["develop"])).components[0].branch == ""


@pytest.mark.parametrize(
    ("known", "believed"),
    [
        ({"iid": 12}, 12),
        ({"iid": 13}, None),
        ({"iid": 12, "state": "merged"}, None),
        ({"iid": 12, "source_branch": "feature/other"}, None),
    ],
)
def test_a_merge_request_is_believed_when_the_code_host_has_it_open(
    world: World, known: dict[str, object], believed: int | None
) -> None:
    head = world.code.write("feature/HB-101-x", "HB-101 x", base="develop")
    fields = {
        "title": "t",
        "url": "u",
        "source_branch": "feature/HB-101-x",
        "target_branch": "develop",
        "commit": head,
        "state": "opened",
    }
    world.code.requests = [MergeRequest.model_validate({**fields, **known})]
    plan = admitted(world.ask(branch="feature/HB-101-x", commit=head, merge_request=12))
    assert plan.components[0].merge_request == believed


def test_master_is_not_built(world: World) -> None:
    head = world.code.heads["master"]
    why = refused(world.ask(path="build", branch="master", commit=head))
    assert why.startswith("master is neither scanned nor built")
    assert admitted(world.ask(path="scan", user="release_manager", branch="master", commit=head))


def test_what_returns_to_develop_after_its_story_was_closed_is_scanned_and_built(world: World) -> None:
    world.code.write("hotfix/1.0.1", "HB-107 urgent", base="master")
    head = world.code.merge("hotfix/1.0.1", "develop")
    for path in ("scan", "build", "dev_deploy"):
        assert admitted(world.ask(path=path, story="HB-107", branch="develop", commit=head))


@pytest.mark.parametrize(
    ("branch", "user"), [("feature/HB-107-x", None), ("develop", "release_manager"), ("hotfix/1.0.1", None)]
)
def test_a_closed_story_is_refused_everywhere_else(world: World, branch: str, user: str | None) -> None:
    if branch != "develop":
        world.code.write(branch, "HB-107 x", base="master")
    head = world.code.heads[branch]
    assert "is closed" in refused(world.ask(story="HB-107", user=user, branch=branch, commit=head))

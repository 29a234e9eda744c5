"""Finishing: into master, tagged, into develop; once, whatever was killed; told where somebody is needed."""

from __future__ import annotations

import pytest

from hummingbird.core.finishing import How
from hummingbird.paths.close import tag_release
from unit.paths.releases import CATALOGUE, Releases


@pytest.fixture
def world() -> Releases:
    return Releases()


def a_hotfix(world: Releases) -> str:
    """HB-107 on hotfix/1.0.1, cut from master, while develop went on."""
    world.code.write("develop", "HB-102 beside")
    return world.code.write("hotfix/1.0.1", "HB-107 urgent", base="master", **{"src/a.py": "fixed"})


def test_a_hotfix_comes_into_master_and_develop_and_master_is_tagged(world: Releases) -> None:
    commit = a_hotfix(world)
    bundle = world.delivered("HB-107", "1.0.1")
    returns = world.finish(bundle)
    assert {target: each.how for target, each in returns.items()} == {
        "master": How.MERGED,
        "develop": How.MERGED,
    }
    for target in ("master", "develop"):
        assert world.code.is_ancestor("trading/order-gateway", commit, world.code.heads[target])
    assert world.code.tags == {"v1.0.1": commit}
    assert [r.state for r in world.code.requests] == ["merged", "merged"]
    assert world.tracker.comments == {}
    assert world.kinds() == ["CHANGE_MERGED", "RELEASE_TAGGED", "CHANGE_MERGED"]


def test_finishing_again_opens_merges_tags_and_tells_nothing_twice(world: Releases) -> None:
    a_hotfix(world)
    bundle = world.delivered("HB-107", "1.0.1")
    world.finish(bundle)
    before = (dict(world.code.heads), list(world.code.requests), list(world.notary.recorded))
    returns = world.finish(bundle, "prod_deploy/p2")
    assert (world.code.heads, world.code.requests, world.notary.recorded) == before
    assert {each.how for each in returns.values()} == {How.CONTAINED}


@pytest.mark.parametrize("dies_at", ["find_or_open", "accept", "tag_once", "branch"])
@pytest.mark.parametrize("call", [1, 2])
def test_killed_after_any_call_it_resumes_to_the_same_end(
    world: Releases, monkeypatch: pytest.MonkeyPatch, dies_at: str, call: int
) -> None:
    commit = a_hotfix(world)
    bundle = world.delivered("HB-107", "1.0.1")
    real, calls = getattr(world.code, dies_at), []

    def acts_and_dies(*arguments: object) -> object:
        calls.append(arguments)
        answer = real(*arguments)
        if len(calls) == call:
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(world.code, dies_at, acts_and_dies)
    if not (dies_at == "tag_once" and call == 2):  # it is called once
        with pytest.raises(KeyboardInterrupt):
            world.finish(bundle)
    monkeypatch.setattr(world.code, dies_at, real)
    world.finish(bundle)
    assert sorted(r.target_branch for r in world.code.requests) == ["develop", "master"]
    assert world.code.tags == {"v1.0.1": commit}
    assert sorted(world.kinds()) == ["CHANGE_MERGED", "CHANGE_MERGED", "RELEASE_TAGGED"]
    merges = [info for info in world.code.graph.values() if len(info.parents) == 2]
    assert len(merges) == 2


def test_a_release_that_is_develop_itself_needs_no_way_back(world: Releases) -> None:
    world.code.write("develop", "HB-101 iceberg")
    world.code.heads["release/1.1.0"] = world.code.heads["develop"]
    returns = world.finish(world.delivered("HB-101", "1.1.0"))
    assert returns["master"].how is How.MERGED
    assert returns["develop"].how is How.CONTAINED
    assert [r.target_branch for r in world.code.requests] == ["master"]


def test_a_conflict_leaves_the_request_open_and_is_told_once_with_its_files(world: Releases) -> None:
    world.code.write("develop", "HB-102 beside", **{"src/a.py": "other", "src/b.py": "x"})
    commit = world.code.write("hotfix/1.0.1", "HB-107", base="master", **{"src/a.py": "y", "c": "z"})
    world.code.conflicts.add(("hotfix/1.0.1", "develop"))
    bundle = world.delivered("HB-107", "1.0.1")
    for _ in range(2):
        returns = world.finish(bundle)
    assert returns["develop"].how is How.LEFT_OPEN
    assert returns["develop"].files == ["src/a.py"]
    assert world.code.requests[0].state == "opened"
    (text,) = world.tracker.comments.values()
    assert "not in develop: !2 conflicts; changed on both sides: src/a.py" in text
    assert "https://gitlab.example/!2" in text
    assert "next release is refused" in text
    assert world.code.tags == {"v1.0.1": commit}
    assert world.kinds() == ["CHANGE_MERGED", "RELEASE_TAGGED", "CHANGE_LEFT_OPEN"]


def test_a_conflict_with_master_is_told_and_the_delivered_commit_is_tagged_all_the_same(
    world: Releases,
) -> None:
    commit = a_hotfix(world)
    world.code.conflicts.add(("hotfix/1.0.1", "master"))
    returns = world.finish(world.delivered("HB-107", "1.0.1"))
    assert returns["master"].how is How.LEFT_OPEN
    assert returns["develop"].how is How.MERGED
    assert world.code.tags == {"v1.0.1": commit}
    assert world.code.heads["master"] != commit


def test_only_what_was_delivered_is_merged_when_its_branch_has_moved_on(world: Releases) -> None:
    commit = a_hotfix(world)
    bundle = world.delivered("HB-107", "1.0.1")
    later = world.code.write("hotfix/1.0.1", "HB-108 not delivered")
    world.finish(bundle)
    assert {r.source_branch for r in world.code.requests} == {"finish/v1.0.1"}
    assert world.code.is_ancestor("trading/order-gateway", commit, world.code.heads["master"])
    assert not world.code.is_ancestor("trading/order-gateway", later, world.code.heads["master"])


def test_a_branch_that_is_gone_is_finished_from_the_delivered_commit(world: Releases) -> None:
    a_hotfix(world)
    bundle = world.delivered("HB-107", "1.0.1")
    del world.code.heads["hotfix/1.0.1"]
    assert {each.how for each in world.finish(bundle).values()} == {How.MERGED}


def test_a_project_without_the_branch_hears_so_and_is_closed_all_the_same(world: Releases) -> None:
    a_hotfix(world)
    bundle = world.delivered("HB-107", "1.0.1")
    del world.code.heads["develop"]
    returns = world.finish(bundle)
    assert returns["master"].how is How.MERGED
    assert returns["develop"].why == "trading/order-gateway has no branch develop"
    (text,) = world.tracker.comments.values()
    assert "Create the branch from the tag" in text


def test_releases_cut_before_a_hotfix_are_named_on_its_story(world: Releases) -> None:
    world.code.write("develop", "HB-102 beside")
    world.code.write("release/1.1.0", "HB-102 notes", base="develop")
    world.code.write("hotfix/1.0.1", "HB-107 urgent", base="master")
    world.finish(world.delivered("HB-107", "1.0.1"))
    (text,) = world.tracker.comments.values()
    assert text.startswith("release/1.1.0 of order-gateway was cut before this hotfix: merge hotfix/1.0.1")


def test_what_came_from_no_branch_is_tagged_and_nothing_else(world: Releases) -> None:
    a_hotfix(world)
    bundle = world.delivered("HB-107", "1.0.1")
    world.notary.recorded = [r for r in world.notary.recorded if "admitted" not in r.event.kind]
    assert world.finish(bundle) == {}
    assert list(world.code.tags) == ["v1.0.1"]


def test_the_tag_tells_the_branch_and_the_same_version_is_recorded_once(world: Releases) -> None:
    a_hotfix(world)
    bundle = world.delivered("HB-107", "1.0.1")
    world.finish(bundle)
    tag_release(CATALOGUE, world.code, world.notary, bundle, "prod_deploy/other")
    (tagged,) = [r for r in world.notary.recorded if "tagged" in r.event.kind]
    assert tagged.event.data["branch"] == "hotfix/1.0.1"

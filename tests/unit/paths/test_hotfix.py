"""The hotfix path, and the release that would lose a hotfix."""

from __future__ import annotations

import pytest

from unit.paths.releases import Releases, admitted, planned, refused


@pytest.fixture
def world() -> Releases:
    """HB-107 was delivered from hotfix/1.0.1, and develop is in its way."""
    made = Releases()
    made.code.write("develop", "HB-102 beside")
    made.code.write("hotfix/1.0.1", "HB-107 urgent", base="master")
    made.code.conflicts.add(("hotfix/1.0.1", "develop"))
    return made


def closed(world: Releases, story: str) -> None:
    world.tracker.stories[story] = world.tracker.stories[story].model_copy(
        update={"status": "Done", "closed": True}
    )


def test_a_hotfix_cut_from_master_is_a_candidate(world: Releases) -> None:
    assert planned(world.test("HB-107")).branch == "hotfix/1.0.1"


def test_the_next_release_is_refused_naming_the_hotfix_its_story_and_what_to_do(world: Releases) -> None:
    bundle = world.delivered("HB-107", "1.0.1")
    world.finish(bundle)
    world.code.write("release/1.1.0", "HB-102 notes", base="develop")
    why = refused(world.test("HB-102"))
    head = world.code.heads["hotfix/1.0.1"][:8]
    assert f"develop does not contain hotfix 1.0.1 (HB-107, hotfix/1.0.1 at {head})" in why
    assert "merge !2 (https://gitlab.example/!2)" in why
    assert "then merge hotfix/1.0.1 into release/1.1.0 and start test_deploy again" in why


def test_a_hotfix_that_nobody_finished_yet_is_missed_as_well(world: Releases) -> None:
    world.delivered("HB-107", "1.0.1")
    world.code.write("release/1.1.0", "HB-102 notes", base="develop")
    assert "open a merge request from hotfix/1.0.1 to develop" in refused(world.test("HB-102"))


def test_a_release_without_the_hotfix_is_refused_though_develop_has_it(world: Releases) -> None:
    world.code.write("release/1.1.0", "HB-102 notes", base="develop")
    world.delivered("HB-107", "1.0.1")
    world.code.merge("hotfix/1.0.1", "develop")
    why = refused(world.test("HB-102"))
    assert why.startswith("release/1.1.0 of order-gateway lacks hotfix 1.0.1 (HB-107")
    assert "merge hotfix/1.0.1 into release/1.1.0" in why


def test_a_release_with_the_hotfix_waits_until_develop_has_it_too(world: Releases) -> None:
    world.delivered("HB-107", "1.0.1")
    world.code.write("release/1.1.0", "HB-102 notes", base="develop")
    world.code.merge("hotfix/1.0.1", "release/1.1.0")
    assert "develop does not contain hotfix 1.0.1" in refused(world.test("HB-102"))


def test_once_develop_and_the_release_hold_the_hotfix_the_release_travels_without_its_story(
    world: Releases,
) -> None:
    world.finish(world.delivered("HB-107", "1.0.1"))
    closed(world, "HB-107")
    world.code.merge("hotfix/1.0.1", "develop", "Merge branch 'hotfix/1.0.1' into 'develop': HB-107 urgent")
    world.code.write("release/1.1.0", "HB-102 notes", base="develop")
    plan = admitted(world.test("HB-102"))
    assert (plan.components[0].branch, plan.travelling) == ("release/1.1.0", [])


def test_a_hotfix_of_a_hotfix_must_hold_the_first_but_need_not_wait_for_develop(world: Releases) -> None:
    world.finish(world.delivered("HB-107", "1.0.1"))
    closed(world, "HB-107")
    world.code.write("hotfix/1.0.2", "HB-108 more", base="master")
    assert planned(world.test("HB-108")).branch == "hotfix/1.0.2"


def test_a_hotfix_cut_from_an_old_tag_is_refused(world: Releases) -> None:
    old = world.code.heads["master"]
    world.delivered("HB-107", "1.0.1")
    world.code.heads["hotfix/1.0.2"] = old
    world.code.write("hotfix/1.0.2", "HB-108 more")
    assert "hotfix/1.0.2 of order-gateway lacks hotfix 1.0.1" in refused(world.test("HB-108"))


def test_a_release_that_was_tested_before_the_hotfix_does_not_go_to_production(world: Releases) -> None:
    world.code.write("release/1.1.0", "HB-102 notes", base="develop")
    world.tested("HB-102", "1.1.0")
    assert planned(world.prod("HB-102"))
    world.delivered("HB-107", "1.0.1")
    assert "release/1.1.0 of order-gateway waits: develop does not contain" in refused(world.prod("HB-102"))


def test_a_release_cut_before_another_that_runs_now_is_refused(world: Releases) -> None:
    old = world.code.heads["develop"]
    world.code.write("release/1.1.0", "HB-102 notes", base="develop")
    world.delivered("HB-102", "1.1.0")
    world.code.heads["release/1.2.0"] = old
    world.code.write("release/1.2.0", "HB-103 next")
    assert "lacks release 1.1.0 (HB-102" in refused(world.test("HB-103"))

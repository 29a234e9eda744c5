"""The developer's work: small real diffs that apply in any order, and stories that never run out."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.seed.stories import MISTAKES, WRITTEN, StoryWork, commits_for, mend_for, next_story
from sandbox.seed.stories.edits import BumpMinor, Replace, SortedLine, UnexpectedContentError
from sandbox.seed.stories.work import release_branch, version_in

ALL = [(story, work.component) for story in WRITTEN for work in commits_for(story)]


def work_of(story: str, component: str, title: str = "", fail: str | None = None) -> StoryWork:
    return next(work for work in commits_for(story, title, fail) if work.component == component)


@pytest.mark.parametrize(("story", "component"), ALL, indirect=["component"])
def test_every_commit_names_its_story_and_is_small(story: str, component: str, checkout: Path) -> None:
    work = work_of(story, component)
    before = sum(len(path.read_bytes()) for path in checkout.rglob("*") if path.is_file())
    for commit in work.commits:
        assert commit.message.startswith(f"{story} ")
        commit.apply(checkout)
    after = sum(len(path.read_bytes()) for path in checkout.rglob("*") if path.is_file())
    assert 0 < after - before < 10_000
    assert work.branch.startswith(f"feature/{story}-")
    assert (version_in(checkout), release_branch(checkout)) == ("1.1.0", "release/1.1.0")


def test_the_stories_touch_three_two_and_one_component() -> None:
    touched = {story: {work.component for work in commits_for(story)} for story in WRITTEN}
    assert touched == {
        "HB-101": {"quote-service", "order-gateway", "trade-web"},
        "HB-102": {"quote-service", "order-gateway"},
        "HB-103": {"order-gateway"},
    }


@pytest.mark.parametrize("fail", MISTAKES)
@pytest.mark.parametrize("story", [*WRITTEN, "HB-110"])
def test_any_story_can_be_given_a_mistake_that_can_be_mended(story: str, fail: str, checkout: Path) -> None:
    title = "新增可交易证券 601318 中国平安"
    broken = work_of(story, "order-gateway", title, fail)
    assert len(broken.commits) == len(work_of(story, "order-gateway", title).commits) + 1
    mend = mend_for(story, fail, title)
    assert mend.branch != broken.branch
    for commit in [*broken.commits, *mend.commits]:
        assert commit.message.startswith(f"{story} ")
        commit.apply(checkout)
    assert version_in(checkout) == "1.2.0"


def test_a_mistake_is_made_in_its_own_component_alone() -> None:
    good, bad = commits_for("HB-101"), commits_for("HB-101", fail="crash")
    assert [w.component for w, b in zip(good, bad, strict=True) if w != b] == ["order-gateway"]


def test_a_mistake_that_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(LookupError, match="no mistake is called flood; there are crash, readiness, smoke"):
        commits_for("HB-101", fail="flood")


def test_a_security_is_quoted_as_well_where_its_close_is_known() -> None:
    for title, expected in (
        ("新增可交易证券 601318 中国平安", {"quote-service", "order-gateway"}),
        ("新增可交易证券 601688 华泰证券", {"order-gateway"}),
    ):
        assert {work.component for work in commits_for("HB-110", title)} == expected


def test_new_stories_differ_from_all_that_exist_and_never_run_out() -> None:
    titles: list[str] = []
    for _ in range(40):
        titles.append(next_story(titles).title)
    assert len(set(titles)) == 40
    assert all(work.commits for title in titles for work in commits_for("HB-110", title))


def test_a_story_of_which_nothing_is_known_has_no_work() -> None:
    with pytest.raises(LookupError, match="HB-999"):
        commits_for("HB-999", "别的事情")


def test_a_change_to_a_file_that_is_not_as_expected_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a a", "utf-8")
    for edit in (Replace("file", "a", "b"), Replace("file", "c", "d"), SortedLine("file", "z", "z1")):
        with pytest.raises(UnexpectedContentError):
            edit.apply(tmp_path)
    assert (tmp_path / "file").read_text("utf-8") == "a a"


def test_a_line_takes_its_place_among_its_like(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for line, expected in (("i b", "i a\ni b\ni c\nx\n"), ("i d", "i a\ni c\ni d\nx\n")):
        file.write_text("i a\ni c\nx\n", "utf-8")
        SortedLine("file", "i ", line).apply(tmp_path)
        assert file.read_text("utf-8") == expected


def test_a_second_story_raises_the_version_again(checkout: Path) -> None:
    for _ in range(2):
        BumpMinor().apply(checkout)
    assert version_in(checkout) == "1.2.0"

"""The developer's work: small real diffs that apply in any order, and stories that never run out."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.seed.stories import WRITTEN, commits_for, mend_for, next_story
from sandbox.seed.stories.edits import BumpMinor, Replace, SortedLine, UnexpectedContentError
from sandbox.seed.stories.work import release_branch, version_in


@pytest.mark.parametrize("story", WRITTEN)
def test_every_commit_names_its_story_and_is_small(story: str, checkout: Path) -> None:
    work = commits_for(story)
    before = sum(len(path.read_bytes()) for path in checkout.rglob("*") if path.is_file())
    for commit in work.commits:
        assert commit.message.startswith(f"{story} ")
        commit.apply(checkout)
    after = sum(len(path.read_bytes()) for path in checkout.rglob("*") if path.is_file())
    assert 0 < after - before < 10_000
    assert work.branch.startswith(f"feature/{story}-")


def test_a_story_raises_the_version_that_its_release_branch_is_named_after(checkout: Path) -> None:
    for commit in commits_for("HB-101").commits:
        commit.apply(checkout)
    assert (version_in(checkout), release_branch(checkout)) == ("1.1.0", "release/1.1.0")


def test_only_hb_103_fails_and_only_in_production() -> None:
    assert {story: commits_for(story).fails_in for story in WRITTEN} == {
        "HB-101": "",
        "HB-102": "",
        "HB-103": "prod",
    }


def test_the_mistake_of_hb_103_can_be_mended(checkout: Path) -> None:
    for commit in [*commits_for("HB-103").commits, *mend_for("HB-103").commits]:
        commit.apply(checkout)
    assert "breaker.notional.stop = 18000000\n" in (checkout / "config" / "prod.properties").read_text(
        "utf-8"
    )
    assert version_in(checkout) == "1.2.0"


@pytest.mark.parametrize("story", ["HB-101", "HB-110"])
def test_a_good_story_needs_no_mending(story: str) -> None:
    with pytest.raises(LookupError, match=story):
        mend_for(story)


def test_new_stories_differ_from_all_that_exist_and_never_run_out() -> None:
    titles: list[str] = []
    for _ in range(40):
        titles.append(next_story(titles).title)
    assert len(set(titles)) == 40
    assert all(commits_for("HB-110", title).commits for title in titles)


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

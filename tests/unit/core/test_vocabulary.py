"""The vocabulary keeps its promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from builders import a_bundle, a_component
from hummingbird.core.artifact import Image
from hummingbird.core.bundle import Bundle, Configuration
from hummingbird.core.canonical import canonical_json
from hummingbird.core.errors import Invalid
from hummingbird.core.outcome import LINE, NOTE, Outcome, note_text, outcome_line
from hummingbird.core.story import mentioned_stories, story_key


@pytest.mark.parametrize("text", ["HB-101", "OPS-7", "A1-999999999"])
def test_a_jira_key_is_taken_as_it_is(text: str) -> None:
    assert story_key(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hb-101",
        "HB-0",
        "HB-01",
        "HB101",
        " HB-101",
        "HB-101\n",
        "HB-101;id",
        "$(id)",
        "../x",
        "HB-1०१",
        "{{ x }}",
        "HB-" + "9" * 10,
        None,
        101,
        ["HB-101"],
        "HB-1\x00",
    ],
)
def test_anything_else_is_refused_in_a_sentence(text: object) -> None:
    with pytest.raises(Invalid, match="is not a Jira key like HB-101"):
        story_key(text)


@given(st.text())
def test_no_text_becomes_a_key_without_being_one(text: str) -> None:
    try:
        key = story_key(text)
    except Invalid as error:
        assert "\n" not in str(error)
    else:
        assert key == text
        assert key.isascii()


def test_stories_are_found_in_messages_and_branches_each_once() -> None:
    assert mentioned_stories("HB-101 冰山; see HB-102, HB-101") == ["HB-101", "HB-102"]
    assert mentioned_stories("feature/HB-7-iceberg") == ["HB-7"]
    assert mentioned_stories("xHB-1 hb-2 UTF-8x") == []


def test_a_bundle_is_named_by_its_content() -> None:
    assert a_bundle().sha256 == a_bundle().sha256


@pytest.mark.parametrize(
    "changes",
    [
        {"commit": "2" * 40},
        {"version": "1.1.1"},
        {"image": Image(repository="trading-dev/order-gateway", digest="sha256:" + "c" * 64)},
        {"packages": []},
        {"configuration": {"prod": Configuration(items={"limit": "other"})}},
        {"contract_sha256": "e" * 64},
        {"stories": []},
        {"authors": []},
    ],
)
def test_any_change_makes_another_bundle(changes: dict[str, object]) -> None:
    assert a_bundle(a_component(**changes)).sha256 != a_bundle().sha256


def test_a_bundle_survives_its_own_json() -> None:
    bundle = a_bundle()
    assert Bundle.model_validate(bundle.document()).sha256 == bundle.sha256


def test_a_bundle_lists_the_asked_story_first() -> None:
    component = a_component(stories=["HB-102", "HB-101", "HB-100"])
    assert a_bundle(component).stories == ["HB-101", "HB-100", "HB-102"]


def test_a_tag_is_no_digest_and_nothing_extra_is_taken() -> None:
    with pytest.raises(ValidationError):
        Image(repository="a/b", digest="latest")
    with pytest.raises(ValidationError):
        Image.model_validate({"repository": "a/b", "digest": "sha256:" + "a" * 64, "tag": "x"})


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        a_bundle().story = "HB-2"  # type: ignore[misc, assignment]


def test_canonical_json_does_not_depend_on_order_and_has_no_nan() -> None:
    assert canonical_json({"b": 1, "a": "冰"}) == '{"a":"冰","b":1}'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": float("nan")})


def test_an_outcome_is_one_line() -> None:
    assert outcome_line(Outcome.REFUSED, "no\nand\tno") == "REFUSED: no and no"


@given(st.text(max_size=600), st.lists(st.text(min_size=1, max_size=400), max_size=12))
def test_a_note_keeps_whole_links_within_its_room(line: str, links: list[str]) -> None:
    text = note_text(line, links)
    assert len(text) <= NOTE
    head = line if len(line) <= LINE else line[: LINE - 1]
    assert text.startswith(head.rstrip())


def test_a_link_that_does_not_fit_is_left_out_and_the_next_may_fit() -> None:
    assert note_text("DONE: x", ["[a](b)", "x" * 995, "[c](d)"]) == "DONE: x\n\n[a](b) · [c](d)"

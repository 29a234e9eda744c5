"""Text to Jira Cloud's documents and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hummingbird.clients.adf import document, words


def test_paragraphs_breaks_mentions_and_links_become_nodes() -> None:
    made = document("[~712020:ab-1] 已上线,\nsee https://airflow.example/r?a=b.\n\nend", "hb:1")
    first, second, small = made["content"]
    assert [node["type"] for node in first["content"]] == [
        "mention",
        "text",
        "hardBreak",
        "text",
        "text",
        "text",
    ]
    assert first["content"][0]["attrs"] == {"id": "712020:ab-1"}
    assert first["content"][4]["marks"] == [
        {"type": "link", "attrs": {"href": "https://airflow.example/r?a=b"}}
    ]
    assert second["content"] == [{"type": "text", "text": "end"}]
    assert small["content"][0]["marks"][0]["type"] == "textColor"


def test_the_words_of_a_document_somebody_else_wrote_are_read() -> None:
    text = {"type": "text", "text": "hummingbird:a", "marks": [{"type": "code"}]}
    item = {"type": "listItem", "content": [{"type": "paragraph", "content": [text]}]}
    panel = {"type": "panel", "attrs": {}, "content": [{"type": "bulletList", "content": [item]}]}
    assert words({"type": "doc", "version": 1, "content": [panel, {"type": "rule"}]}) == "hummingbird:a"


def test_what_is_no_document_has_no_words() -> None:
    assert words(None) == words({"type": "doc", "content": None}) == words("text") == ""


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_no_character_is_lost(text: str) -> None:
    assert (
        words(document(text, "marker")).replace("accountid:", "")
        == text.replace("accountid:", "") + "\nmarker"
    )
    for block in document(text)["content"]:
        assert all(node.get("text") != "" for node in block["content"])

"""Atlassian Document Format at the door, wiki text behind it: jira820 and our pages know the latter.

What came as a document is kept as that document too, and given back unchanged.
"""

from __future__ import annotations

import re
from typing import Any

from jira820.store import JiraError

from sandbox.jira.cloud.accounts import IDS, account_id
from sandbox.world import ACCOUNTS

Json = dict[str, Any]
BLOCKS = {"paragraph", "heading", "bulletList", "orderedList", "listItem", "codeBlock", "blockquote", "rule"}
INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard"}
MARKS = {"code", "em", "link", "strike", "strong", "subsup", "textColor", "underline"}
COLOUR = re.compile(r"#[0-9a-f]{6}")


def checked(body: Any) -> Json:
    """The document; JiraError for wiki text and for anything that Jira would refuse."""
    if not isinstance(body, dict) or body.get("type") != "doc" or body.get("version") != 1:
        raise JiraError(400, [], {"comment": "Comment body is not valid!"})
    if body.keys() != {"type", "version", "content"} or not isinstance(body["content"], list):
        raise JiraError(400, [], {"comment": "Comment body is not valid!"})
    for block in body["content"]:
        _check(block, BLOCKS)
    if not wiki(body).strip():
        raise JiraError(400, [], {"comment": "Comment body can not be empty!"})
    return body


def wiki(node: Json) -> str:
    """A document as wiki text."""
    kind = node["type"]
    if kind == "text":
        return _marked(node)
    if kind == "mention":
        return f"[~{IDS[node['attrs']['id']]}]"
    if kind == "hardBreak":
        return "\n"
    if kind == "inlineCard":
        return str(node["attrs"]["url"])
    parts = [wiki(each) for each in node.get("content", [])]
    return ("\n\n" if kind == "doc" else "").join(parts)


def document(text: str) -> Json:
    """Wiki text as a document: paragraphs, breaks and mentions; other markup stays as it is written."""
    blocks = [block for block in re.split(r"\n{2,}", text) if block]
    content = [{"type": "paragraph", "content": _inline(block)} for block in blocks]
    return {"type": "doc", "version": 1, "content": content}


def _check(node: Any, allowed: set[str]) -> None:
    if not isinstance(node, dict) or node.get("type") not in allowed:
        _refuse(node)
    kind, attrs = node["type"], node.get("attrs") or {}
    unknown = node.keys() - {"type", "attrs", "content", "marks", "text"}
    if unknown or (kind == "text") != ("text" in node) or node.get("text") == "":
        _refuse(node)
    if kind == "mention" and attrs.get("id") not in IDS:
        _refuse(node)
    for mark in node.get("marks", []):
        given = mark.get("attrs", {})
        if mark.get("type") not in MARKS or kind != "text":
            _refuse(mark)
        if mark["type"] == "link" and not str(given.get("href", "")).startswith(("http://", "https://")):
            _refuse(mark)
        if mark["type"] == "textColor" and not COLOUR.fullmatch(str(given.get("color"))):
            _refuse(mark)
    for each in node.get("content", []):
        _check(each, INLINE if kind in ("paragraph", "heading", "codeBlock") else BLOCKS)


def _refuse(node: Any) -> None:
    shown = node.get("type") if isinstance(node, dict) else type(node).__name__
    raise JiraError(400, ["INVALID_INPUT"], {"comment": f"Comment body is not valid! ({shown})"})


def _marked(node: Json) -> str:
    text = str(node["text"])
    for mark in node.get("marks", []):
        if mark["type"] == "textColor":
            text = f"{{color:{mark['attrs']['color']}}}{text}{{color}}"
        elif mark["type"] == "link" and mark["attrs"]["href"] != text:
            text = f"[{text}|{mark['attrs']['href']}]"
    return text


def _inline(block: str) -> list[Json]:
    inline: list[Json] = []
    for number, line in enumerate(block.split("\n")):
        if number:
            inline.append({"type": "hardBreak"})
        for part in re.split(r"(\[~\w+\])", line):
            name = part[2:-1]
            if part.startswith("[~") and name in ACCOUNTS:
                inline.append({"type": "mention", "attrs": {"id": account_id(name)}})
            elif part:
                inline.append({"type": "text", "text": part})
    return inline

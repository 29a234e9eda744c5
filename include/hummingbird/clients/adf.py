"""Atlassian Document Format: how Jira Cloud keeps text that people read.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/, version 1. We write paragraphs,
line breaks, mentions, links and grey small print, and read the words of whatever others wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

Node = dict[str, Any]

_SPECIAL = re.compile(r"\[~(?:accountid:)?([^\]\s]+)\]|(https?://[^\s\[\]|<>\"]*[^\s\[\]|<>\".,;:!?)])")
_GREY = [{"type": "textColor", "attrs": {"color": "#97a0af"}}]


def document(text: str, small_print: str = "") -> Node:
    """Text as a document: empty lines part paragraphs, `[~account]` mentions a person, addresses are links.

    `small_print` becomes a last, grey paragraph.
    """
    blocks = [part for part in re.split(r"\n{2,}", text) if part.strip()]
    content = [{"type": "paragraph", "content": _lines(block.strip("\n"))} for block in blocks]
    if small_print:
        grey = {"type": "text", "text": small_print, "marks": _GREY}
        content.append({"type": "paragraph", "content": [grey]})
    return {"type": "doc", "version": 1, "content": content}


def literal(lines: Iterable[str], accounts: Iterable[str]) -> Node:
    """Lines as plain text, a paragraph each, whatever they look like; then the accounts are mentioned."""
    content = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines if line]
    mentions = [{"type": "mention", "attrs": {"id": account}} for account in accounts]
    if mentions:
        content.append({"type": "paragraph", "content": mentions})
    return {"type": "doc", "version": 1, "content": content}


def words(node: Any) -> str:
    """The words of a document or a part of it; blocks and breaks end a line, mentions read `[~account]`."""
    return "".join(_words(node)).strip("\n")


def _lines(block: str) -> list[Node]:
    inline: list[Node] = []
    for number, line in enumerate(block.split("\n")):
        if number:
            inline.append({"type": "hardBreak"})
        inline.extend(_inline(line))
    return inline


def _inline(line: str) -> Iterator[Node]:
    end = 0
    for match in _SPECIAL.finditer(line):
        if match.start() > end:
            yield {"type": "text", "text": line[end : match.start()]}
        account, address = match.groups()
        if account:
            yield {"type": "mention", "attrs": {"id": account}}
        else:
            mark = {"type": "link", "attrs": {"href": address}}
            yield {"type": "text", "text": address, "marks": [mark]}
        end = match.end()
    if line[end:]:
        yield {"type": "text", "text": line[end:]}


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _words(each)
    if not isinstance(node, dict):
        return
    kind, content = node.get("type"), node.get("content")
    if kind == "text":
        yield str(node.get("text", ""))
    elif kind == "hardBreak":
        yield "\n"
    elif kind == "mention":
        yield f"[~{(node.get('attrs') or {}).get('id', '')}]"
    elif isinstance(content, list):
        yield from _words(content)
        if kind in ("paragraph", "heading", "codeBlock"):
            yield "\n"

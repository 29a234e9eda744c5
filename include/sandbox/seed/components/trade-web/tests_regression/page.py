"""A test case that looks at the page as a browser's reader would."""

from __future__ import annotations

import unittest
from html.parser import HTMLParser

from .exchange import Answer, call

NAME = "trade-web"
LOOKS, TABLES = 5, 2
"""The page does not wait longer than a second for the services; on a busy machine it may go without one."""
VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})
"""Elements that have no end."""


class Page(HTMLParser):
    """Headings, tables and paragraphs of a page; elements that are closed out of turn are noted."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {}
        self.tables: list[list[list[str]]] = []
        self.crossed: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.crossed += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go into an element."""
        if tag in VOID:
            return
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        """Come out of it, with its text."""
        if not self._open or self._open.pop() != tag:
            self.crossed.append(tag)
        if tag in ("td", "th"):
            self.tables[-1][-1].append(self.texts[tag][-1])

    def handle_data(self, data: str) -> None:
        """Text of the innermost element."""
        if self._open:
            self.texts[self._open[-1]][-1] += data


class PageCase(unittest.TestCase):
    """Others order at the same time: which orders the page shows may change between two looks."""

    maxDiff = None

    def get(self, path: str, **headers: str) -> Answer:
        """One reading call."""
        return call(NAME, "GET", path, **headers)

    def page(self) -> Page:
        """The page as it is now."""
        answer = self.get("/")
        self.assertEqual(answer.status, 200, answer.text)
        return Page(answer.text)

    def whole_page(self) -> Page:
        """The page with both tables; once more where one of the services answered too late for it."""
        for _ in range(LOOKS):
            page = self.page()
            if len(page.tables) == TABLES:
                return page
        return self.fail(f"none of {LOOKS} pages showed both quotes and orders")

"""HTML that cannot be forgotten to be escaped: whatever is not Markup already becomes text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

VOID = frozenset({"meta", "rect", "line", "circle", "br"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: object) -> Markup:
    """A value as HTML: Markup as it is, everything else escaped."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def together(parts: Iterable[object]) -> Markup:
    """One after the other."""
    return Markup("".join(text(part) for part in parts))


def element(tag: str, /, *inside: object, **attributes: object) -> Markup:
    """An element; `class_` is the attribute class, `a_b` is a-b; an attribute that is None is left out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in VOID:
        return Markup(f"<{tag}{told}>") if tag in ("meta", "br") else Markup(f"<{tag}{told}/>")
    return Markup(f"<{tag}{told}>{together(inside)}</{tag}>")


def code(value: object) -> Markup:
    """A name of programs."""
    return element("code", value)


def link(address: str | None, words: object) -> Markup:
    """A link where there is an address that a browser may follow, else the words alone."""
    if address is None or not address.startswith(("https://", "http://", "#", "junit-")):
        return text(words)
    return element("a", words, href=address)


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[object]], **attributes: object
) -> Markup:
    """A table with a caption; a heading that begins with # is of numbers, which are set to the right."""
    numbers = [title.startswith("#") for title in head]
    kinds = ["number" if is_number else None for is_number in numbers]
    titles = together(
        element("th", title.lstrip("#"), scope="col", class_=kind)
        for title, kind in zip(head, kinds, strict=True)
    )
    body = together(
        element("tr", *(element("td", cell, class_=kind) for cell, kind in zip(row, kinds, strict=True)))
        for row in rows
    )
    inside = (element("caption", caption), element("thead", element("tr", titles)), element("tbody", body))
    return element("div", element("table", *inside, **attributes), class_="wide")

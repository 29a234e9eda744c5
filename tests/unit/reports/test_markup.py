"""HTML that cannot be forgotten to be escaped."""

from __future__ import annotations

import pytest

from hummingbird.reports.markup import Markup, element, link, table, text, together

EVIL = "<script>alert('1')</script>"


def test_what_is_not_markup_becomes_text_wherever_it_is_put() -> None:
    parts = [
        text(EVIL),
        element("p", EVIL, title=EVIL),
        table(EVIL, (EVIL, "#n"), [(EVIL, 1)]),
        together([EVIL]),
        link(None, EVIL),
    ]
    for part in parts:
        assert "<script" not in part
        assert "&lt;script&gt;" in part


def test_markup_stays_and_is_escaped_only_once() -> None:
    assert element("p", element("b", "a & b")) == "<p><b>a &amp; b</b></p>"
    assert text(Markup("<b>1</b>")) == "<b>1</b>"


def test_an_attribute_without_a_value_is_left_out() -> None:
    assert element("p", "x", class_=None, aria_label="y") == '<p aria-label="y">x</p>'


def test_columns_of_numbers_are_marked() -> None:
    told = table("Counts", ("Name", "#Count"), [("a", 3)])
    assert '<th scope="col" class="number">Count</th>' in told
    assert '<td class="number">3</td>' in told
    assert "<td>a</td>" in told


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", None])
def test_an_address_that_no_link_may_lead_to_is_text(address: str | None) -> None:
    assert link(address, "words") == "words"


@pytest.mark.parametrize("address", ["https://a.example/", "http://a.example/?a=1", "#top", "junit-1.xml"])
def test_other_addresses_are_linked(address: str) -> None:
    assert link(address, "words") == f'<a href="{address}">words</a>'

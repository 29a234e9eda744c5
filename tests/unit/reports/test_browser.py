"""The page of a night in a real Chromium, from a file as people open it: light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser import chromium, fits, picture, watched
from hummingbird.core.regression import CaseOutcome
from hummingbird.reports.night_page import night_page
from unit.reports.nights import READER, a_case, a_loss, a_night, a_plan, an_attempt, past_nights

LOOKS = [("light", 1280), ("dark", 1280), ("light", 400), ("dark", 400)]
LONG = an_attempt(CaseOutcome.FAILED, message="x" * 300, log="y" * 3000, requests=["GET /" + "z" * 900])
NIGHTS = {
    "red": a_night(
        *(a_case(kind) for kind in CaseOutcome),
        a_case(CaseOutcome.FAILED, f"a.py::{'T' * 500}", attempts=[LONG, LONG]),
        a_case(None, losses=[a_loss()]),
        trend=past_nights(29),
    ),
    "green": a_night(a_case(), a_case(CaseOutcome.FLAKY, "a.py::test_search"), trend=past_nights(9)),
    "first": a_night(a_case()),
    "nothing": a_night(plan=a_plan().model_copy(update={"components": []}), started_at=None, pods=[]),
}
SAYS = {"red": "Newly failing", "green": "Green", "first": "No night before", "nothing": "Nothing was"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.mark.parametrize(
    "name", ["red", "nothing", *(pytest.param(one, marks=pytest.mark.long) for one in ("green", "first"))]
)
def test_nothing_complains_and_nothing_is_scrolled_sideways(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "night.html"
    file.write_bytes(night_page(NIGHTS[name], READER))
    for scheme, width in LOOKS:
        with watched(browser, scheme=scheme, width=width) as page:
            page.goto(file.as_uri())
            assert SAYS[name] in page.inner_text("body")
            assert fits(page), f"{name} in {width}"
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (paper == "rgb(255, 255, 255)") is (scheme == "light")
            if width == 1280:
                picture(page, f"night-{name}-{scheme}")


def test_what_is_closed_opens_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "night.html"
    file.write_bytes(night_page(NIGHTS["red"], READER))
    with watched(browser) as page:
        page.goto(file.as_uri())
        listed = page.locator("details", has_text="nightly-functional").last
        assert listed.get_attribute("open") is None
        listed.locator("summary").focus()
        page.keyboard.press("Enter")
        assert listed.get_attribute("open") == ""
        assert listed.locator("table").is_visible()

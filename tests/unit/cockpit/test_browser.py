"""Both pages in a real Chromium: with sign-in, empty, normal and full; nothing complains, all is usable."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine

from browser import chromium, fits, picture, watched
from cockpit_world import publish, served, tell_hostile, tell_many, tell_stories
from hummingbird.ledger.engine import connect
from postgres import LedgerDatabase

LOOKS = [("light", 1280), ("dark", 1280), ("light", 400), ("dark", 400)]
PICTURED = {("stories", "light"), ("stories", "dark"), ("metrics", "light"), ("metric", "dark")}
"""What docs/pictures keeps (`make pictures`)."""
LIST, METRICS = "/delivery/stories", "/delivery/metrics"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def empty(ledger_database: LedgerDatabase) -> Iterator[str]:
    """The pages over a ledger without a row."""
    with served(ledger_database.reader) as address:
        yield address


@pytest.fixture
def normal(empty: str, writer: Engine, ledger_database: LedgerDatabase) -> str:
    """Stories in every state, figures of half a year."""
    with writer.begin() as connection:
        tell_stories(connection)
    _publish(ledger_database)
    return empty


def _publish(database: LedgerDatabase, components: int = 2, months: int = 6) -> None:
    engine = connect(database.metrics, pool_size=1)
    names = (
        "order-gateway",
        "quote-service",
        *(f"component-{number:03}" for number in range(components - 2)),
    )
    with engine.begin() as connection:
        publish(connection, components=names, months=months)
    engine.dispose()


def test_nothing_there_yet_is_told_on_both_pages(browser: Browser, empty: str) -> None:
    for path, says in ((LIST, "has no story yet"), (METRICS, "No figures were published yet")):
        for scheme, width in (LOOKS[0], LOOKS[3]):
            with watched(browser, scheme=scheme, width=width, address=empty, account="auditor") as page:
                page.goto(empty + path)
                assert says in page.inner_text("main")
                assert fits(page)


@pytest.mark.long
def test_every_page_is_whole_in_light_and_dark_wide_and_narrow(browser: Browser, normal: str) -> None:
    pages = [
        (LIST, "stories", "冰山委托校验"),
        (f"{LIST}/HB-106", "story", "What could hurt"),
        (METRICS, "metrics", "Lead time for changes"),
        (f"{METRICS}/lead_time", "metric", "p85"),
        ("/delivery/rows/2", "row", "its hash holds"),
    ]
    for scheme, width in LOOKS:
        with watched(browser, scheme=scheme, width=width, address=normal, account="auditor") as page:
            for path, name, says in pages:
                page.goto(normal + path)
                assert says in page.inner_text("main"), path
                assert fits(page), f"{path} in {width}"
                paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert (paper == "rgb(255, 255, 255)") is (scheme == "light")
                if width == 1280 and (name, scheme) in PICTURED:
                    picture(page, f"cockpit-{name}-{scheme}")


def test_a_full_page_is_whole_and_can_be_searched_and_paged(
    browser: Browser, empty: str, writer: Engine, ledger_database: LedgerDatabase
) -> None:
    with writer.begin() as connection:
        tell_many(connection, 90)
    _publish(ledger_database, components=180, months=1)
    with watched(browser, address=empty, account="auditor") as page:
        page.goto(empty + LIST)
        seen = _keys(page)
        while page.get_by_role("link", name="Older stories").count():
            with page.expect_navigation():
                page.get_by_role("link", name="Older stories").click()
            seen += _keys(page)
        assert len(seen) == len(set(seen)) == 90
        page.get_by_label("Key or title").fill("第 77 号")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=*")
        assert _keys(page) == ["HB-1077"]
        page.goto(f"{empty}{METRICS}/lead_time")
        assert page.locator("table.figures").nth(1).locator("tbody tr").count() == 180
        assert fits(page)
        page.get_by_label("Component", exact=True).select_option("component-100")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**component=component-100*")
        assert "component-100" in page.inner_text("h1")


def _keys(page: Page) -> list[str]:
    return page.locator("table.stories tbody th a").all_inner_texts()


def test_who_is_not_signed_in_signs_in_and_comes_back(browser: Browser, normal: str) -> None:
    with watched(browser) as page:
        page.goto(normal + LIST)
        assert page.title() == "Sign in"
        page.get_by_role("link", name="Sign in").click()
        page.wait_for_url(f"**{LIST}")
        assert "release_manager" in page.inner_text("header")


def test_what_people_typed_does_not_run(browser: Browser, normal: str, writer: Engine) -> None:
    with writer.begin() as connection:
        tell_hostile(connection)
    with watched(browser, address=normal, account="auditor") as page:
        for path in (LIST, f"{LIST}/HB-108", f"{LIST}?q=<script>document.title='owned'</script>"):
            page.goto(normal + path)
            assert page.title() != "owned"
            assert "<script>" in page.inner_text("main")


def test_the_keyboard_reaches_everything(browser: Browser, normal: str) -> None:
    with watched(browser, address=normal, account="auditor") as page:
        page.goto(normal + LIST)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        page.keyboard.press("Enter")
        reached = []
        for _ in range(12):
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
            )
        assert reached[0] == "q"
        assert "HB-106" in reached
        page.goto(f"{normal}{METRICS}/lead_time")
        point = page.locator("figure svg a").first
        point.focus()
        assert "p85" in (point.get_attribute("aria-label") or "")
        page.keyboard.press("Enter")
        page.wait_for_url("**/facts?**")
        assert "Lead time for changes" in page.inner_text("h1")


def test_in_airflow_s_frame_links_lead_out_and_its_theme_is_followed(browser: Browser, normal: str) -> None:
    with watched(browser, address=normal, account="auditor") as page:
        page.goto(f"{normal}/plugin/stories?theme=dark")
        frame = page.frame_locator("iframe")
        frame.get_by_role("link", name="HB-106").click()
        frame.get_by_text("What could hurt").wait_for()
        assert (
            frame.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") != "rgb(255, 255, 255)"
        )
        page.evaluate("document.documentElement.className = 'light'")
        assert frame.locator("html[data-theme=light]").count() == 1
        with page.expect_popup() as opened:
            frame.get_by_role("link", name="Story in the tracker").evaluate(
                "link => { link.href = location.origin + '/dags/tracker'; link.click(); }"
            )
        assert opened.value.title() == "Run tracker"
        assert opened.value.evaluate("window.opener") is None
        frame.get_by_role("link", name="Run", exact=True).click()
        page.wait_for_url("**/dags/prod_deploy/runs/HB-106.1__prod_deploy")
        assert page.title() == "Run prod_deploy/runs/HB-106.1__prod_deploy"

"""The cockpit's pages inside the real Airflow: its sign-in, its rights, its navigation and frame."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, FrameLocator, Page, expect

from browser import chromium, picture, watched
from e2e.looking import ended, trigger
from e2e.onebox import OneBox

pytestmark = pytest.mark.e2e
REFUSED = "HB-104.77__refused"
"""A run that ends at the door: the least that puts a story into the ledger."""
SLOW = 60_000
OURS = "/delivery/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def refused(box: OneBox) -> str:
    """The story of a run that was refused."""
    trigger(box, "test_deploy", REFUSED, "HB-104")
    assert ended(box, "test_deploy", REFUSED)["state"] == "failed"
    return "HB-104"


def sign_in(box: OneBox, page: Page, account: str, path: str = "/") -> None:
    """Fill in Airflow's own form, asked for by the page that was wanted."""
    page.set_default_timeout(SLOW)
    page.goto(box.place.airflow_url + path)
    page.locator("input[name=username]").fill(account)
    page.locator("input[name=password]").fill(box.place.world.secret(f"airflow.{account}"))
    page.locator("input[type=submit], button[type=submit]").first.click()
    page.wait_for_url(re.compile(re.escape(box.place.airflow_url) + r"(?!/auth/).*"))


def opened(page: Page, name: str) -> FrameLocator:
    """One of the pages, by its entry in Airflow's navigation."""
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_url(f"**/plugin/{name.lower()}**")
    return page.frame_locator(f"iframe[title={name}]")


@pytest.mark.parametrize("account", ["release_manager", "operations_approver", "auditor"])
def test_whoever_works_here_finds_both_pages_in_the_navigation(
    box: OneBox, browser: Browser, refused: str, account: str
) -> None:
    with watched(browser, height=900, of=OURS) as page:
        sign_in(box, page, account)
        stories = opened(page, "Stories")
        stories.get_by_role("link", name=refused).wait_for()
        expect(stories.locator(".who")).to_have_text(re.compile(account.replace("_", "[_ ]")))
        if account == "release_manager":
            picture(page, "cockpit-in-airflow")
        metrics = opened(page, "Metrics")
        metrics.get_by_role("heading", name="Metrics").wait_for()


def test_a_run_s_link_leads_out_of_the_frame_to_airflow_s_page_of_it(
    box: OneBox, browser: Browser, refused: str
) -> None:
    with watched(browser, of=OURS) as page:
        sign_in(box, page, "release_manager")
        stories = opened(page, "Stories")
        row = stories.locator("tr", has=stories.get_by_role("link", name=refused))
        row.get_by_role("link", name="run").click()
        page.wait_for_url("**/dags/test_deploy/runs/HB-104.*")
        assert page.locator("iframe").count() == 0


def test_who_is_not_signed_in_signs_in_and_comes_to_the_page_that_was_wanted(
    box: OneBox, browser: Browser, refused: str
) -> None:
    url = box.place.airflow_url
    nobody = requests.get(f"{url}/delivery/stories", timeout=60, allow_redirects=False)
    assert nobody.status_code == 401
    forged = {"_token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."}
    told = requests.get(f"{url}/delivery/stories", cookies=forged, timeout=60, allow_redirects=False)
    assert told.status_code in (401, 403)
    with watched(browser, of=OURS) as page:
        sign_in(box, page, "auditor", "/delivery/stories?q=HB-104")
        page.wait_for_url("**/delivery/stories?q=HB-104")
        page.get_by_role("link", name=refused).wait_for()
        page.get_by_role("link", name=refused).click()
        page.get_by_text("is closed").first.wait_for()


def test_an_account_without_the_right_sees_neither_entry_nor_page(box: OneBox, browser: Browser) -> None:
    url, password = box.place.airflow_url, "a-visitor-of-the-tests"
    token = box.airflow("administrator").token
    made = requests.post(
        f"{url}/auth/fab/v1/users",
        json={
            "username": "visitor", "email": "visitor@hummingbird.example", "first_name": "visitor",
            "last_name": "visitor", "roles": [{"name": "Viewer"}], "password": password,
        },
        headers={"Authorization": f"Bearer {token}"}, timeout=60,
    )  # fmt: skip
    assert made.status_code in (200, 201, 409), made.text
    answer = requests.post(
        f"{url}/auth/token", json={"username": "visitor", "password": password}, timeout=60
    )
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    for path in ("stories", "metrics", "rows/1"):
        told = requests.get(f"{url}/delivery/{path}", headers=bearer, timeout=60)
        assert told.status_code == 403, path
        assert "lacks `can_read` on Plugins" in told.text

"""A real Chromium for tests, watched: what a page complains of is a failure of the test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PICTURES = "HUMMINGBIRD_PICTURES"
"""A folder that the tests' pictures are written to, such as docs/pictures; none where it is not set."""
FRAMED = "can escape its sandboxing"
"""Chromium says so of every frame of Airflow's."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium; the test is skipped, and says so, where there is none."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no Chromium on this machine: none of {', '.join(NAMES)} is on the path")
    with sync_playwright() as driver:
        # A container's root may not use Chromium's own confinement.
        browser = driver.chromium.launch(
            executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched(
    browser: Browser, *, scheme: str = "light", width: int = 1280, height: int = 800, address: str = "",
    account: str = "", of: str = "",
) -> Iterator[Page]:  # fmt: skip
    """A fresh page; at the end nothing was complained of. `account` is signed in at `address`.

    With `of`, complaints of files whose address has it count alone: Airflow has some of its own.
    """
    context: BrowserContext = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": height}
    )
    if account:
        context.add_cookies([{"name": "_token", "value": account, "url": address}])
    page = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if of not in f"{message.location.get('url')} {message.text}":
            return
        if message.type in ("error", "warning") and FRAMED not in message.text:
            complaints.append(f"{message.type}: {message.text} {message.location}")

    page.on("console", heard)
    if not of:
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    try:
        yield page
        assert complaints == []
    finally:
        context.close()


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page where the folder is named."""
    folder = os.environ.get(PICTURES)
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

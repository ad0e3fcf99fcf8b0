"""pytest plugin: Chromium for the tests marked `browser`. The system's own one; nothing is downloaded.

A test asks for `chromium` (a Playwright browser, one for the run) or for `page` (a fresh page of 1280 × 900 pixels).
"""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APP = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
PATIENCE = 20_000  # milliseconds, on a busy machine
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
MISSING = (
    "no Chromium or Chrome was found; install one (Debian, Ubuntu: apt-get install chromium; "
    "macOS: brew install --cask google-chrome) and run `make test` again"
)


def find_chromium() -> str | None:
    """Return the path of the browser to use, or None."""
    return shutil.which(MAC_APP) or next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none; `legs` says so at the end."""
    if find_chromium():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """Start Chromium once for all tests."""
    from playwright.sync_api import expect, sync_playwright  # a heavy import, for a few tests

    # Playwright keeps an event loop in this thread, and Django would refuse the test's own queries beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)  # which heeds no time-out of a context
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: "Browser") -> "Iterator[Page]":
    """Open a page with no cookies, on a screen of 1280 × 900 pixels."""
    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()

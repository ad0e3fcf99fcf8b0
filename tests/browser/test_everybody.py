"""Every page in its main states can be used by everybody: axe finds nothing, and nothing scrolls sideways.

One test walks through all of them, so that one browser and one set of rows serve the lot.
"""

from collections.abc import Callable, Iterable
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from pytest_django import Settings

from tests.browser import (
    account_scenes,
    bank_scenes,
    break_scenes,
    desk_scenes,
    portfolio_scenes,
    scenes,
    settings_scenes,
)
from tests.browser.conftest import Site, keep_session
from tests.browser.scenes import Scene

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = list(product((390, 1280), ("light", "dark")))
AXE = """() => axe.run(document, {resultTypes: ["violations"], preload: false}).then((result) => result.violations.map(
    (found) => found.id + ": " + found.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")))"""
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    ["scrolls sideways: " + Array.from(document.querySelectorAll("body *"))
        .filter((it) => it.getBoundingClientRect().right > innerWidth + 1)
        .slice(0, 4).map((it) => it.tagName + "." + it.className).join(", ")]"""


@pytest.fixture
def walk(visitor: "Callable[..., Page]", site: Site, client: Client, settings: Settings) -> Callable[..., Any]:
    """Return a function that shows one page after another in each of its states."""
    settings.ROOT_URLCONF = "tests.browser.with_error_pages"
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 5
    settings.MANUAL_BANKS = True
    client.raise_request_exception = False
    page = visitor()

    def through(shown: Iterable[Scene]) -> "Iterable[tuple[Scene, Page]]":
        for scene in shown:
            page.context.clear_cookies()
            if scene.who:
                client.force_login(scene.who)
                keep_session(page, site, client)
            page.goto(scene.path)
            scene.act(page)
            page.locator("body").filter(has_text=scene.shows).wait_for()
            yield scene, page

    return through


def violations(frame: "Page | Frame") -> list[str]:
    found: list[str] = frame.evaluate(AXE)
    return found


def look(page: "Page") -> list[str]:
    """Return what is wrong with a page on a phone and a desk, by day and by night, and on the narrowest phone."""
    parts: list[Page | Frame] = [page, *page.frames[1:]]
    for part in parts:
        part.evaluate(AXE_SCRIPT)
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{width} {scheme}: {what}" for part in parts for what in violations(part)]
    page.set_viewport_size({"width": 320, "height": 640})
    return found + [f"320: {what}" for part in parts for what in part.evaluate(TOO_WIDE)]


CHAPTERS = [
    scenes.for_strangers,
    scenes.for_applicants,
    scenes.for_customers,
    scenes.of_a_transfer,
    scenes.for_operations,
    scenes.for_operations_in_depth,
    scenes.for_operations_deciding,
    desk_scenes.of_finding,
    break_scenes.of_breaks,
    break_scenes.of_books,
    account_scenes.of_an_account,
    bank_scenes.of_a_bank,
    bank_scenes.of_linking,
    portfolio_scenes.for_investors,
    settings_scenes.for_settled_people,
]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.__name__)
def test_every_page_can_be_used_by_everybody(chapter: Callable[[], list[Scene]], walk: Callable[..., Any]) -> None:
    found = {scene.name: look(page) for scene, page in walk(chapter())}

    assert [f"{name}, {each}" for name, wrong in found.items() for each in wrong] == []

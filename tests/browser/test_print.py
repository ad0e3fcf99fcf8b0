"""The authorization on paper: black on white, without the site around it, whatever the screen looks like."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests import make
from tests.browser.conftest import Site, keep_session

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COLOURS = """() => ["body", "h1", ".lede", "dt", "dd"].map((part) => getComputedStyle(document.querySelector(part)))
    .map((style) => [style.color, style.backgroundColor])"""
BLACK, NONE, WHITE = "rgb(0, 0, 0)", "rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"


@pytest.fixture
def address(client: Client) -> str:
    transfer = make.transfer(make.relationship(make.account(make.user())))
    client.force_login(transfer.user)
    return f"{transfer.url}authorization/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_shows_the_words_and_nothing_around_them(
    phone: "Page", site: Site, client: Client, address: str, scheme: str
) -> None:
    keep_session(phone, site, client)
    phone.goto(address)

    phone.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]

    assert phone.get_by_text("I authorize this.").is_visible()
    assert [
        part
        for part in (".topbar", ".sandbox", ".back", ".btn", ".footer nav")
        if phone.locator(part).first.is_visible()
    ] == []
    assert phone.evaluate(COLOURS) == [[BLACK, WHITE], *[[BLACK, NONE]] * 4]


def test_a_button_prints_where_a_script_runs_and_a_hint_says_how_everywhere(
    phone: "Page", site: Site, visitor: "Callable[..., Page]", client: Client, address: str
) -> None:
    keep_session(phone, site, client)
    phone.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    phone.goto(address)
    phone.get_by_role("button", name="Print this page").click()
    plain = visitor(java_script_enabled=False)
    keep_session(plain, site, client)
    plain.goto(address)

    assert phone.evaluate("printed") == 1
    assert plain.get_by_role("button", name="Print this page").count() == 0
    assert plain.get_by_text("with your browser").is_visible()

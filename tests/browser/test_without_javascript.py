"""Without JavaScript everything works but Plaid Link, and that page says so."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests import make
from tests.browser import clicks
from tests.browser.conftest import Site
from tests.journeys import people

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain(visitor: "Callable[..., Page]") -> "Page":
    """Open the site in a browser that runs no scripts."""
    return visitor(java_script_enabled=False)


def news(page: "Page", word: str) -> None:
    """Follow the link that asks for news."""
    page.get_by_role("link", name="Load this page again").click()
    clicks.status(page, word)


def test_the_whole_journey_but_link(plain: "Page", site: Site, client: Client) -> None:
    user = clicks.sign_up(plain)
    clicks.apply(plain)
    clicks.open_account(site)
    news(plain, "Open")

    plain.get_by_role("link", name="Link your bank").click()
    clicks.press(plain, "Link a bank")
    plain.locator("noscript p").filter(has_text="This one step needs JavaScript").wait_for()
    assert plain.get_by_role("button", name="Continue to Plaid").count() == 0
    client.login(username=user.email, password=make.PASSWORD)
    people.link_bank(client, site.sandbox)

    plain.goto("/bank/")
    clicks.status(plain, "Being approved")
    site.broker("relationships", status="APPROVED")
    news(plain, "Working")

    clicks.review(plain, "deposit", "250")
    clicks.confirm(plain, "deposit", "$250.00")
    site.broker("transfers", action="settle")
    news(plain, "Settled")

    clicks.review(plain, "withdrawal", "50")
    clicks.confirm(plain, "withdrawal", "$50.00")
    clicks.press(plain, "Cancel this withdrawal")
    clicks.status(plain, "Canceled")

    plain.locator("summary", has_text="Menu").click()
    plain.get_by_role("link", name="Transfers", exact=True).first.click()
    plain.locator("summary", has_text="Filters").click()
    plain.get_by_label("Type").select_option("Deposits")
    clicks.press(plain, "Show")
    plain.locator("summary", has_text="Filters, in use").wait_for()
    assert plain.get_by_role("row").filter(has_text="Withdrawal").count() == 0

"""Pages that change by themselves, and what they do once they must not any more."""

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from playwright.sync_api import expect

from accounts.models import Session
from tests.browser import clicks
from tests.browser.conftest import Site, keep_session
from tests.journeys import people

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HALF_A_MINUTE = 30_000  # milliseconds


@pytest.fixture
def deposit(phone: "Page", site: Site, client: Client) -> "Page":
    """Show a customer their deposit of $40.00, which is on its way, in a browser whose clock the test may advance."""
    people.customer_with_bank(client, site.sandbox)
    keep_session(phone, site, client)
    phone.clock.install()
    phone.goto(people.move(client, "deposit", "40.00").url)
    clicks.heading(phone, "Deposit of $40.00")
    return phone


def test_a_page_whose_session_has_ended_says_so_and_asks_no_more(deposit: "Page") -> None:
    asked: list[str] = []
    deposit.on("request", lambda request: asked.append(request.url))
    part = deposit.locator("#transfer-status")
    with deposit.expect_response("**/status/"):
        deposit.clock.run_for(2_000)

    Session.objects.all().delete()
    clicks.heading(deposit, "You have been signed out")
    asked.clear()
    deposit.clock.run_for(HALF_A_MINUTE)

    expect(deposit.get_by_role("status").filter(has_text="You have been signed out")).to_have_count(1)
    expect(part).not_to_contain_text("$40.00")
    expect(deposit).to_have_title(re.compile("^Signed out – "))
    expect(part.get_by_role("link", name="Sign in")).to_have_attribute("href", f"/sign-in/?next={_path(deposit)}")
    assert asked == []


def test_the_browsers_tab_is_called_as_the_page_says_it(deposit: "Page", site: Site) -> None:
    expect(deposit).not_to_have_title(re.compile("^Settled"))

    site.broker("transfers", action="settle")
    deposit.clock.run_for(2_000)
    clicks.status(deposit, "Settled")

    expect(deposit).to_have_title(re.compile(r"^Settled, deposit of \$40\.00 – "))
    changed = deposit.title()
    deposit.reload()
    expect(deposit).to_have_title(changed)


def _path(page: "Page") -> str:
    path: str = page.evaluate("location.pathname")
    return path

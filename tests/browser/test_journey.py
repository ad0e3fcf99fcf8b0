"""The whole journey by clicking, on a phone, with Plaid Link in its real frame; the console stays empty throughout."""

from typing import TYPE_CHECKING

import pytest

from tests.browser import clicks
from tests.browser.conftest import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_sign_up_to_a_deposit_that_is_taken_back(phone: "Page", site: Site) -> None:
    clicks.sign_up(phone)
    clicks.apply(phone)
    clicks.heading(phone, "The broker is checking your application")
    clicks.open_account(site)
    clicks.heading(phone, "Your brokerage account is open")

    phone.get_by_role("link", name="Link your bank").click()
    clicks.share_accounts(phone, "0000", "1111")
    clicks.heading(phone, "Which account at First Platypus Bank?")
    phone.get_by_label("Checking ••0000").check()
    clicks.press(phone, "Link this account")
    clicks.status(phone, "Being approved")
    site.broker("relationships", status="APPROVED")
    clicks.status(phone, "Working")

    clicks.review(phone, "deposit", "$1,250")
    clicks.confirm(phone, "deposit", "$1,250.00")
    clicks.status(phone, "On its way")
    deposit = phone.url
    site.broker("transfers", action="settle")
    clicks.status(phone, "Settled")

    clicks.review(phone, "withdrawal", "100.50")
    clicks.confirm(phone, "withdrawal", "$100.50")
    clicks.press(phone, "Cancel this withdrawal")
    clicks.status(phone, "Canceled")

    clicks.review(phone, "withdrawal", "20")
    clicks.confirm(phone, "withdrawal", "$20.00")
    site.broker("transfers", action="settle")
    clicks.status(phone, "Settled")

    phone.goto(deposit)
    site.broker("transfers", 0, action="return", code="R01")
    phone.reload()
    clicks.status(phone, "Returned")
    phone.get_by_text("Reason R01: there was not enough money in the account.").wait_for()
    phone.goto("/overview/")
    phone.get_by_role("heading", name="Your cash is below $0.00").wait_for()


def test_a_deposit_on_its_way_shows_its_return_by_itself(phone: "Page", site: Site) -> None:
    clicks.sign_up(phone)
    clicks.apply(phone)
    clicks.open_account(site)
    phone.goto("/bank/")
    clicks.share_accounts(phone, "0000")
    clicks.status(phone, "Being approved")
    site.broker("relationships", status="APPROVED")
    clicks.review(phone, "deposit", "75")
    clicks.confirm(phone, "deposit", "$75.00")

    site.broker("transfers", action="return", code="R02")

    clicks.status(phone, "Returned")
    phone.get_by_text("First Platypus Bank sent this deposit back: the account is closed.").wait_for()


def test_a_change_of_mind_in_link_is_answered_on_the_page(phone: "Page", site: Site) -> None:
    clicks.sign_up(phone)
    clicks.apply(phone)
    clicks.open_account(site)
    phone.goto("/bank/")
    frame = clicks.open_link(phone)

    frame.get_by_test_id("link-exit").click()
    frame.get_by_test_id("link-exit-confirm").click()

    phone.get_by_text("Nothing was changed.").wait_for()
    clicks.press(phone, "Try again")
    frame.get_by_test_id("link-continue").wait_for()

"""The keyboard alone: linking at a bank with pages of its own, signing in again, replacing and unlinking."""

from typing import TYPE_CHECKING

import pytest

from funding import states
from funding.models import ACHRelationship, PlaidItem
from tests.browser import clicks
from tests.browser.conftest import Site
from tests.browser.in_link import OAUTH, InLink
from tests.browser.test_keyboard import tab_to
from tests.funding import banking
from tests.funding.standing import Customer, read_anew

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def press(page: "Page", name: str, frame: "Frame | None" = None) -> None:
    """Go to what is called `name`, and press Enter on it."""
    tab_to(page, name, frame)
    page.keyboard.press("Enter")


def into_link(page: "Page") -> "Frame":
    """Pass Link's first pane."""
    InLink(page)["continue"].wait_for()
    inside = page.frames[-1]
    press(page, "Continue", inside)
    return inside


def sign_in(page: "Page") -> None:
    """Type name and password where Link asks for them."""
    inside = InLink(page)
    inside["username"].wait_for()
    tab_to(page, "Username", page.frames[-1])
    page.keyboard.type("user_single")
    tab_to(page, "Password", page.frames[-1])
    page.keyboard.type("pass_good")
    page.keyboard.press("Enter")


def test_linking_at_a_bank_with_pages_of_its_own(newcomer: "Page") -> None:
    press(newcomer, "Link a bank")
    inside = into_link(newcomer)
    InLink(newcomer)[f"bank-{OAUTH}"].wait_for()
    press(newcomer, "Platypus OAuth Bank", inside)
    InLink(newcomer)["oauth"].wait_for()
    press(newcomer, "Continue to Platypus OAuth Bank", inside)
    newcomer.get_by_test_id("bank-approve").wait_for()
    press(newcomer, "Approve")

    clicks.heading(newcomer, "Which account at Platypus OAuth Bank?")
    tab_to(newcomer, "Checking ••0000")
    newcomer.keyboard.press("Space")
    newcomer.keyboard.press("Enter")

    clicks.status(newcomer, "Being approved")


def test_signing_in_again(linked: "Page", site: Site, ada: Customer) -> None:
    banking.bank_does(ada.relationship.login, site.sandbox, "login_required")
    banking.item_health.read(item=ada.relationship.login, actor="a test")
    linked.reload()

    press(linked, "Sign in at First Platypus Bank")
    sign_in(linked)

    clicks.status(linked, "Working")
    assert read_anew(ada.relationship.login).health == states.GOOD


def test_replacing(linked: "Page") -> None:
    press(linked, "Replace it")
    clicks.heading(linked, "Replace Tartan Bank")
    press(linked, "Sign in at the new bank")
    inside = into_link(linked)
    InLink(linked)[f"bank-{clicks.FIRST_PLATYPUS}"].wait_for()
    press(linked, "First Platypus Bank", inside)
    sign_in(linked)
    InLink(linked)["account-0000"].wait_for()
    tab_to(linked, "Plaid Checking", inside)
    linked.keyboard.press("Space")
    linked.keyboard.press("Enter")

    clicks.heading(linked, "Which account at First Platypus Bank?")
    tab_to(linked, "Checking ••0000")
    linked.keyboard.press("Space")
    press(linked, "Replace it with this account")

    clicks.status(linked, "Being replaced")
    assert PlaidItem.objects.count() == 2


def test_unlinking_and_staying_where_one_was_when_it_is_done(linked: "Page", site: Site) -> None:
    press(linked, "Unlink it")
    clicks.heading(linked, "Unlink Tartan Bank")
    press(linked, "Unlink this bank account")
    clicks.status(linked, "Being removed")

    site.broker("relationships", status="CANCELED")

    linked.get_by_role("status").filter(has_text="not linked any more").wait_for()
    press(linked, "Link a bank")
    InLink(linked)["continue"].wait_for()
    assert not ACHRelationship.objects.active().exists()

"""What becomes of a bank account: proved by small deposits, signed in to again, replaced and unlinked."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from tests.browser import clicks
from tests.browser.conftest import Site
from tests.browser.in_link import FIRST_PLATYPUS, HOUNDSTOOTH, TARTAN, InLink, link, pick
from tests.funding import banking
from tests.funding.standing import Customer

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def nothing_can_be_deposited(page: "Page", because: str) -> None:
    """Look at the page for deposits, and come back."""
    page.goto("/deposit/")
    page.get_by_role("main").get_by_text(because).first.wait_for()
    assert page.locator("[name=amount]").count() == 0
    page.goto("/bank/")


def hours_pass(hours: int) -> None:
    """Let what was looked at be due again."""
    ACHRelationship.objects.update(checked_at=timezone.now() - timedelta(hours=hours))


# --- Small deposits ---------------------------------------------------------------------------------------------------


def test_a_code_proves_an_account_named_by_its_numbers(newcomer: "Page", site: Site) -> None:
    link(newcomer).name_account()
    clicks.status(newcomer, "Waiting for your code")
    nothing_can_be_deposited(newcomer, "code")

    clicks.press(newcomer, "Enter the code")
    newcomer.get_by_role("heading", level=1, name="Enter the code of a small deposit").wait_for()
    inside = InLink(newcomer)
    inside.give("deposit", "XYZ")
    inside.says("code")
    inside.give("deposit", "ABC")

    clicks.status(newcomer, "Being looked at")  # such a bank gives no names
    assert PlaidItem.objects.count() == 1
    assert LinkSession.objects.get(purpose=LinkSession.Purpose.VERIFY).outcome == "code typed"


def test_three_wrong_codes_end_it_and_the_page_says_so(newcomer: "Page") -> None:
    link(newcomer).name_account()
    clicks.press(newcomer, "Enter the code")
    inside = InLink(newcomer)

    for wrong in ("XYZ", "XYY"):
        inside.give("deposit", wrong)
        inside.says("code")
    inside.give("deposit", "XYX")
    inside["error-close"].click()

    clicks.status(newcomer, "Not verified")
    newcomer.get_by_role("button", name="Link another bank").wait_for()


def test_deposits_that_the_bank_shows_prove_an_account_by_themselves(newcomer: "Page", site: Site) -> None:
    inside = link(newcomer)
    inside.choose(HOUNDSTOOTH)
    inside.enter("microdeposits_good")
    inside.share("0000")
    inside.match("021000021", "1111222233330000")
    clicks.status(newcomer, "Being verified")
    nothing_can_be_deposited(newcomer, "verified")

    banking.bank_does(PlaidItem.objects.get(), site.sandbox, "verified")
    hours_pass(1)
    site.hear()
    newcomer.reload()

    clicks.status(newcomer, "Being approved")
    site.broker("relationships", status="APPROVED")
    clicks.status(newcomer, "Working")


# --- Signing in again -------------------------------------------------------------------------------------------------


def test_signing_in_again_repairs_the_login_there_is(linked: "Page", site: Site, ada: Customer) -> None:
    banking.bank_does(ada.relationship.login, site.sandbox, "login_required")
    banking.item_health.read(item=ada.relationship.login, actor="a test")
    linked.reload()
    clicks.status(linked, "Sign-in needed")
    nothing_can_be_deposited(linked, "sign in again")

    clicks.press(linked, "Sign in at First Platypus Bank")
    clicks.heading(linked, "Sign in again")
    InLink(linked).enter()

    clicks.status(linked, "Working")
    assert linked.get_by_role("button", name="Sign in at").count() == 0
    item = PlaidItem.objects.get()
    assert (item.access_token, item.health) == (ada.relationship.login.access_token, states.GOOD)
    assert LinkSession.objects.get().outcome == "repaired"


# --- Replacing --------------------------------------------------------------------------------------------------------


def test_a_bank_is_replaced_from_the_first_page_to_working(linked: "Page", site: Site, ada: Customer) -> None:
    linked.get_by_role("link", name="Replace it").click()
    clicks.heading(linked, "Replace Tartan Bank")
    inside = link(linked, "Sign in at the new bank")
    inside.choose()
    inside.enter("user_saver")
    inside.share("0000", "1111")
    pick(linked, "Savings ••1111", button="Replace it with this account")

    clicks.status(linked, "Being replaced")
    clicks.status(linked, "Comes next")
    site.broker("relationships", 0, status="CANCELED")
    clicks.status(linked, "Being approved")
    site.broker("relationships", status="APPROVED")
    clicks.status(linked, "Working")

    assert linked.get_by_role("heading", name="First Platypus Bank").count() == 1
    new = ACHRelationship.objects.active().get()
    assert (new.mask, new.is_approved) == ("1111", True)
    assert banking.fresh(ada.relationship).login.access_token == ""


def test_the_same_account_again_is_refused_before_anything_is_traded(linked: "Page", site: Site) -> None:
    linked.goto("/bank/replace/")
    inside = link(linked, "Sign in at the new bank")
    inside.choose(TARTAN)
    inside.enter()
    inside.share("0000")

    linked.get_by_text("linked already, so nothing was changed").wait_for()
    clicks.status(linked, "Working")
    assert LinkSession.objects.get().outcome == "duplicate"
    assert PlaidItem.objects.count() == 1


def test_a_replacement_can_be_dropped_at_the_last_question(linked: "Page", site: Site, ada: Customer) -> None:
    linked.goto("/bank/replace/")
    inside = link(linked, "Sign in at the new bank")
    inside.choose(FIRST_PLATYPUS)
    inside.enter()
    inside.share("0000")
    clicks.heading(linked, "Which account at First Platypus Bank?")
    linked.get_by_role("link", name="Keep the bank I have").click()

    clicks.status(linked, "Working")
    assert banking.fresh(ada.relationship).usable
    assert not ACHRelationship.objects.candidates().exists()


# --- Unlinking --------------------------------------------------------------------------------------------------------


def test_a_bank_is_unlinked_on_both_sides(linked: "Page", site: Site, ada: Customer) -> None:
    linked.get_by_role("link", name="Unlink it").click()
    clicks.heading(linked, "Unlink Tartan Bank")
    clicks.press(linked, "Unlink this bank account")
    clicks.status(linked, "Being removed")

    site.broker("relationships", status="CANCELED")

    linked.locator("main").get_by_text("This bank account is not linked any more.").wait_for()
    linked.get_by_role("button", name="Link a bank").wait_for()
    assert banking.at_the_broker(ada) == []
    assert banking.fresh(ada.relationship).login.access_token == ""

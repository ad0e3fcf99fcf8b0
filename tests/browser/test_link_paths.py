"""Every way through Plaid Link that a new bank account can take, in a real browser and through our own pages."""

from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

from funding import states
from funding.models import ACHRelationship, LinkEvent, LinkSession, PlaidItem
from tests.browser import clicks
from tests.browser.conftest import Site
from tests.browser.in_link import OAUTH, InLink, link, pick

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OF_ITS_OWN = "Platypus OAuth Bank"


@pytest.fixture
def in_a_window(site: Site, settings: Settings) -> None:
    """Give a bank with pages of its own no address of ours to send the whole page back to."""
    settings.PLAID_REDIRECT_URI = ""


def only_link(page: "Page") -> ACHRelationship:
    """Wait until the page says that the broker has the new bank; return the only one there is."""
    clicks.status(page, "Being approved")
    found = ACHRelationship.objects.select_related("item").get()
    assert PlaidItem.objects.count() == 1
    assert found.sending == states.ACCEPTED
    return found


# --- At banks that Link signs in to -----------------------------------------------------------------------------------


def test_one_account_is_linked_without_another_question(newcomer: "Page") -> None:
    inside = link(newcomer)
    inside.choose()
    inside.enter()
    inside.share("0000")

    assert only_link(newcomer).mask == "0000"
    session = LinkSession.objects.get()
    assert (session.outcome, session.link_token) == ("linked", "")
    told = LinkEvent.objects.filter(session=session)
    assert {"OPEN", "SELECT_INSTITUTION", "SUBMIT_CREDENTIALS", "HANDOFF"} <= {event.name for event in told}
    assert all(event.link_session_id for event in told)


def test_of_two_accounts_the_chosen_one_is_linked(newcomer: "Page") -> None:
    inside = link(newcomer)
    inside.choose()
    inside.enter("user_saver")
    inside.share("0000", "1111")
    pick(newcomer, "Savings ••1111")

    assert only_link(newcomer).mask == "1111"


def test_a_wrong_password_can_be_mended_and_a_code_is_asked_for(newcomer: "Page") -> None:
    inside = link(newcomer)
    inside.choose()
    inside.enter("user_single", "pass_wrong")
    inside.says("username or password")
    inside.enter("user_single", "mfa_device")
    inside["device-submit"].click()
    inside.give("code", "1234")
    inside.share("0000")

    assert only_link(newcomer).mask == "0000"


def test_who_leaves_link_can_try_again(newcomer: "Page") -> None:
    inside = link(newcomer)
    inside.choose()
    inside.leave()
    newcomer.get_by_text("Nothing was changed. You can try again").wait_for()
    assert newcomer.evaluate("document.activeElement.id") == "link-open"
    newcomer.keyboard.press("Enter")
    inside.choose()
    inside.enter()
    inside.share("0000")

    only_link(newcomer)
    assert LinkSession.objects.count() == 1


def test_link_finished_in_two_tabs_links_one_bank(newcomer: "Page", site: Site) -> None:
    first = link(newcomer)
    second = InLink(newcomer.context.new_page())
    second.page.goto(newcomer.url)
    for inside in (first, second):
        inside.choose()
        inside.enter()
        inside["account-0000"].check()

    first["finish"].click()
    only_link(first.page)
    second["finish"].click()

    only_link(second.page)
    assert second.page.get_by_text("could not be completed").count() == 0
    assert len(site.sandbox.get("/control/state")["relationships"]) == 1


def test_link_is_started_again_after_its_tab_was_closed(newcomer: "Page") -> None:
    inside = link(newcomer)
    inside.choose()
    later = newcomer.context.new_page()
    newcomer.close()
    later.goto("/bank/")
    inside = link(later)
    inside.choose()
    inside.enter()
    inside.share("0000")

    only_link(later)
    assert sorted(LinkSession.objects.values_list("outcome", flat=True)) == ["", "linked"]


def test_a_link_left_open_too_long_starts_again(newcomer: "Page", site: Site) -> None:
    inside = link(newcomer)
    site.sandbox.post("/control/clock", advance_seconds=5 * 3600)
    inside["continue"].click()
    inside["error-close"].click()
    newcomer.get_by_text("open too long for Plaid. Start again; nothing was changed.").wait_for()
    assert newcomer.evaluate("document.activeElement.id") == "link-restart"
    newcomer.keyboard.press("Enter")
    clicks.heading(newcomer, "Bank account")
    inside = link(newcomer)
    inside.choose()
    inside.enter()
    inside.share("0000")

    only_link(newcomer)


def test_somebody_elses_account_is_not_linked(newcomer: "Page", site: Site) -> None:
    inside = link(newcomer)
    inside.choose()
    inside.enter("user_other_name")
    inside["account-0000"].check()
    inside["finish"].click()

    clicks.status(newcomer, "Not linked")
    newcomer.get_by_text("Your bank says that it is somebody else’s.").wait_for()
    newcomer.get_by_role("button", name="Link another bank").wait_for()
    assert site.sandbox.get("/control/state")["relationships"] == []


# --- At a bank with pages of its own ----------------------------------------------------------------------------------


def test_a_bank_sends_the_whole_page_back(newcomer: "Page") -> None:
    link(newcomer).go_to_bank()
    newcomer.get_by_test_id("bank-approve").click()
    pick(newcomer, "Checking ••0000", OF_ITS_OWN)

    assert only_link(newcomer).login.institution_name == OF_ITS_OWN
    assert LinkSession.objects.get().outcome == "linked"
    assert newcomer.evaluate("sessionStorage.getItem('link-session')") is None


def test_a_no_at_the_bank_starts_again(newcomer: "Page") -> None:
    link(newcomer).go_to_bank()
    newcomer.get_by_test_id("bank-deny").click()
    InLink(newcomer)["error-close"].click()

    newcomer.get_by_text("Nothing was changed. Start again, please.").wait_for()
    newcomer.get_by_role("link", name="Start again").click()
    newcomer.get_by_role("heading", name="No bank linked yet").wait_for()
    assert not PlaidItem.objects.exists()


@pytest.mark.usefixtures("in_a_window")
def test_a_bank_asks_in_a_window(newcomer: "Page") -> None:
    inside = link(newcomer)
    inside.choose(OAUTH)
    with newcomer.expect_popup() as opened:
        inside["oauth"].click()
    opened.value.get_by_test_id("bank-approve").click()
    pick(newcomer, "Checking ••0000", OF_ITS_OWN)

    only_link(newcomer)


@pytest.mark.usefixtures("in_a_window")
def test_a_blocked_window_is_explained_and_can_be_left(newcomer: "Page") -> None:
    newcomer.add_init_script("window.open = () => null")
    inside = link(newcomer)
    inside.choose(OAUTH)
    inside["oauth"].click()
    inside.says("Allow pop-up windows")
    inside.leave()

    newcomer.get_by_text("Nothing was changed. You can try again").wait_for()
    newcomer.get_by_role("button", name="Try again").wait_for()

"""Answers that reach Link when another pane is shown already, and what the last one left behind."""

from typing import TYPE_CHECKING

import pytest

from tests.brokerage.sandbox.link_hold import await_in_session, hold
from tests.brokerage.sandbox.link_host import Host, Link
from tests.brokerage.sandbox.plaid_frames import SAME_DAY

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

FAULT = {"error": {"error_type": "API_ERROR", "error_code": "INTERNAL_SERVER_ERROR", "error_message": "a fault",
                   "display_message": None}, "request_id": "late"}  # fmt: skip


def test_a_search_that_fails_late_takes_no_pane_away(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link["continue"].click()
    link["bank-ins_109508"].wait_for()
    search = hold(link, "institutions", lambda: link["search"].fill("platypus"))
    link["bank-ins_109508"].click()
    link["username"].wait_for()

    search.fulfill(json=FAULT)
    await_in_session(link, "requestId", "late")

    assert link["username"].is_visible()
    assert link["error-close"].is_hidden()


def test_a_search_that_fails_on_the_list_is_said(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link["continue"].click()
    link["bank-ins_109508"].wait_for()

    hold(link, "institutions", lambda: link["search"].fill("platypus")).fulfill(json=FAULT)

    link.shows("This did not work")


def test_numbers_are_offered_once_the_list_is_there(page: "Page", host: Host) -> None:
    link = Link(page, host.url(auth=SAME_DAY))
    link.choose()
    link["username"].wait_for()

    answer = hold(link, "institutions", link["back"].click)
    link.shows("Choose your bank")
    assert link["by-number"].is_hidden()

    answer.continue_()
    link["by-number"].wait_for()


def test_what_went_wrong_at_one_bank_is_not_said_of_another(page: "Page", host: Host) -> None:
    page.add_init_script("window.open = () => null")
    link = Link(page, host.url())
    link.choose("ins_127287")
    link["oauth"].click()
    link.says("Allow pop-up windows")

    link["oauth-back"].click()
    link["bank-ins_132241"].click()
    link.shows("Sign in at First Platypus OAuth App2App Bank")

    assert link.frame.locator("#oauth-problem").text_content() == ""

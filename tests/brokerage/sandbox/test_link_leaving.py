"""Asking to leave Link while an answer of its server is under way: whatever arrives waits behind the question."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.brokerage.sandbox.link_hold import await_in_session, hold
from tests.brokerage.sandbox.link_host import Host, Link

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

DOWN = "ins_132361"


def ask_to_leave(link: Link) -> None:
    link["exit"].click()
    link["exit-confirm"].wait_for()


def ask_to_leave_before_the_answer(link: Link, path: str, act: Callable[[], None], arrived: str) -> None:
    """Do what asks the server, ask to leave, and only then let the answer come."""
    answer = hold(link, path, act)
    ask_to_leave(link)
    answer.continue_()
    await_in_session(link, "behind", arrived)


def test_the_next_pane_does_not_take_the_question_away(page: "Page", host: Host) -> None:
    link = Link(page, host.url())

    ask_to_leave_before_the_answer(link, "choose", link.choose, "credentials")

    assert link["username"].is_hidden()
    error, metadata = link.confirm_leaving()
    assert (error, metadata["status"]) == (None, "requires_credentials")


def test_who_stays_goes_on_with_what_has_arrived(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url())

    ask_to_leave_before_the_answer(link, "choose", link.choose, "credentials")
    link["exit-cancel"].click()
    link.enter(username="user_single")
    link["finish"].click()

    assert link.told("success")[1]["institution"]["institution_id"] == "ins_109508"
    assert complaints == []


def test_what_went_wrong_is_said_to_who_stays(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.choose()

    ask_to_leave_before_the_answer(link, "sign-in", lambda: link.enter("wrong"), "credentials")
    link["exit-cancel"].click()

    link.says("not right")


def test_an_error_waits_as_well(page: "Page", host: Host) -> None:
    link = Link(page, host.url())

    ask_to_leave_before_the_answer(link, "choose", lambda: link.choose(DOWN), "error")
    link["exit-cancel"].click()
    link["error-close"].click()

    assert link.told("exit")[0]["error_code"] == "INSTITUTION_DOWN"


def test_a_long_wait_leaves_the_question_alone(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.choose()
    hold(link, "sign-in", link.enter)
    ask_to_leave(link)
    await_in_session(link, "behind", "loading")

    assert link["exit-confirm"].is_visible()


@pytest.mark.parametrize("shown", ["the wait is shown first", "the wait is long meanwhile"])
def test_who_stays_waits_for_the_answer_and_then_goes_on(
    page: "Page", host: Host, complaints: list[str], shown: str
) -> None:
    link = Link(page, host.url())
    link.choose()
    answer = hold(link, "sign-in", lambda: link.enter(username="user_single"))
    if shown == "the wait is shown first":
        link.shows("One moment")
    ask_to_leave(link)
    await_in_session(link, "behind", "loading")

    link["exit-cancel"].click()
    link.shows("One moment")
    assert link["submit"].is_hidden()
    answer.continue_()
    link["finish"].click()

    assert link.told("success")[1]["institution"]["institution_id"] == "ins_109508"
    assert complaints == []


def test_asking_twice_is_asking_once(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.choose()
    link["username"].wait_for()
    link["exit"].click()
    link["exit-confirm"].wait_for()
    page.keyboard.press("Escape")
    link.confirm_leaving()

    assert link.story().count("> EXIT") == 1

"""Link's script as the page sees it: what may be asked of it, when it answers, and what it leaves behind."""

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.link_host import Host, Link
from tests.harness.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

EVENT_KEYS = {
    "account_number_mask", "error_type", "error_code", "error_message", "exit_status", "institution_id",
    "institution_name", "institution_search_query", "is_update_mode", "match_reason", "routing_number", "mfa_type",
    "view_name", "request_id", "link_session_id", "timestamp", "selection",
}  # fmt: skip
ACCOUNT_KEYS = {"id", "name", "mask", "type", "subtype", "verification_status", "class_type"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ("{token: null}", "token is required"),
        ("{token: ''}", "token is required"),
        ("{token: 5}", "token is required"),
        ("{onSuccess: null}", "onSuccess is required"),
        ("{onExit: 'later'}", "onExit must be a function"),
        ("{receivedRedirectUri: 5}", "receivedRedirectUri must be a string"),
    ],
)
def test_misuse_is_refused_by_name(page: "Page", host: Host, changes: str, complaint: str) -> None:
    page.goto(host.url())

    said = page.evaluate(f"try {{ Plaid.create({{...config, ...{changes}}}) }} catch (error) {{ error.message }}")

    assert complaint in said


def test_an_early_open_is_kept_for_later(page: "Page", host: Host) -> None:
    page.goto(host.url())
    page.evaluate("window.early = Plaid.create({...config, onLoad: () => { window.order = ['load'] }}); early.open()")

    page.frame_locator("#plaid-link-iframe-2").get_by_test_id("link-continue").wait_for()

    assert page.evaluate("order") == ["load"]
    assert page.evaluate("document.body.style.overflow") == "hidden"


def test_loading_is_told_once_and_shows_nothing(page: "Page", host: Host) -> None:
    page.goto(host.url())
    eventually(lambda: ["load"] in page.evaluate("told"))

    assert page.locator("#plaid-link-iframe-1").is_visible() is False
    assert page.evaluate("told") == [["load"]]


def test_a_second_copy_warns_and_changes_nothing(page: "Page", host: Host, complaints: list[str]) -> None:
    page.goto(host.url())
    page.evaluate("window.first = Plaid")

    page.add_script_tag(url=f"{host.bench.url}/plaid/link/v2/stable/link-initialize.js")

    assert page.evaluate("Plaid === first") is True
    assert [text for text in complaints if "more than once" in text]


def test_success_tells_every_key(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.sign_in(username="user_single")
    link["finish"].click()

    _, metadata = link.told("success")

    assert set(metadata) == {"institution", "accounts", "account", "link_session_id", "transfer_status"}
    assert set(metadata["institution"]) == {"institution_id", "name"}
    assert set(metadata["accounts"][0]) == ACCOUNT_KEYS
    assert metadata["account"] == metadata["accounts"][0]


def test_events_come_in_order_with_every_key(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.sign_in("mfa_device", "user_single")
    link["device-submit"].click()
    link.give("code", "1234")
    link["finish"].click()
    session_id = link.told("success")[1]["link_session_id"]

    assert link.story() == [
        "OPEN", "> SELECT_INSTITUTION", "SELECT_INSTITUTION", "> CREDENTIAL", "SUBMIT_CREDENTIALS", "> LOADING",
        "> MFA", "SUBMIT_MFA", "> LOADING", "> MFA", "SUBMIT_MFA", "> LOADING", "> SELECT_ACCOUNT", "> CONNECTED",
        "HANDOFF",
    ]  # fmt: skip
    about = page.evaluate("told.filter(row => row[0] === 'event').map(row => row[2])")
    assert all(set(metadata) == EVENT_KEYS for metadata in about)
    assert {metadata["link_session_id"] for metadata in about} == {session_id}
    assert about[0]["view_name"] == "CONSENT"
    assert all(re.fullmatch(r"\w{15}", metadata["request_id"]) for metadata in about)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", metadata["timestamp"]) for metadata in about)


def test_all_but_the_first_event_waits_for_the_end(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.choose()
    link["username"].wait_for()

    link.opened()
    before = link.story()
    error, metadata = link.leave()

    assert before == ["OPEN"]
    assert link.story()[-2:] == ["> EXIT", "EXIT"]
    assert page.evaluate("told.at(-1)[0]") == "exit"
    assert error is None
    assert set(metadata) == {"institution", "status", "link_session_id", "request_id"}


def test_events_may_be_switched_to_live(page: "Page", host: Host, bench: Bench) -> None:
    bench.control("settings", link_events="live")
    link = Link(page, host.url())
    link.choose()
    link["username"].wait_for()

    eventually(lambda: link.story() == ["OPEN", "> SELECT_INSTITUTION", "SELECT_INSTITUTION", "> CREDENTIAL"])


def test_events_may_be_switched_to_any_order(page: "Page", host: Host, bench: Bench) -> None:
    bench.control("settings", link_events="shuffled")
    link = Link(page, host.url())
    link.choose()
    link["username"].wait_for()
    link.leave()

    assert link.story()[0] == "OPEN"
    assert sorted(link.story()[1:]) == sorted(
        ["> SELECT_INSTITUTION", "SELECT_INSTITUTION", "> CREDENTIAL", "> EXIT", "EXIT"]
    )


def test_leaving_may_be_asked_for_by_the_page(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link["continue"].wait_for()
    page.evaluate("handler.exit({}, () => tell('done')())")
    link["exit-confirm"].click()
    eventually(lambda: ["done"] in page.evaluate("told"))

    assert [row[0] for row in page.evaluate("told")][-2:] == ["exit", "done"]


def test_leaving_by_force_asks_nothing_and_passes_the_last_error(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.sign_in("wrong")
    link.says("not right")
    eventually(lambda: page.evaluate("stands.error"))
    page.evaluate("handler.exit({force: true}, tell('done'))")

    error, metadata = link.told("exit")

    assert error["error_code"] == "INVALID_CREDENTIALS"
    assert metadata["status"] == "requires_credentials"
    assert [row[0] for row in page.evaluate("told")][-2:] == ["exit", "done"]
    assert link.story()[-1] == "EXIT"
    assert page.locator("iframe").count() == 0


def test_leaving_what_is_not_open_only_warns(page: "Page", host: Host, complaints: list[str]) -> None:
    page.goto(host.url())
    page.evaluate("handler.exit({force: true})")

    assert [text for text in complaints if "not open" in text]
    assert [row[0] for row in page.evaluate("told") if row[0] != "load"] == []


def test_a_destroyed_handler_leaves_nothing_behind(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link["continue"].wait_for()
    link.opened()
    page.evaluate("handler.destroy()")

    said = page.evaluate("try { handler.open() } catch (error) { error.message }")

    assert "destroyed" in said
    assert page.locator("iframe").count() == 0
    assert page.evaluate("document.body.style.overflow") == ""
    assert page.evaluate("document.querySelector('main').inert") is False
    assert [row[0] for row in page.evaluate("told")] == ["load", "event"]


def test_link_can_be_opened_again_after_leaving(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link["continue"].wait_for()
    link.leave()
    page.click("#go")
    link.sign_in(username="user_single")
    link["finish"].click()

    link.told("success")
    assert page.evaluate("told.filter(row => row[0] === 'load').length") == 1


def test_an_embedded_search_grows_when_a_bank_is_chosen(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url() + "&embed=1")
    link["bank-ins_109508"].wait_for()
    before = page.evaluate("[document.body.style.overflow, told.length]")
    link["bank-ins_109508"].click()
    link["username"].wait_for()
    covered = page.evaluate("[document.body.style.overflow, document.querySelector('h1').inert]")
    link.enter(username="user_single")
    link["finish"].click()

    link.told("success")
    assert before == ["", 1]
    assert covered == ["hidden", True]
    assert page.evaluate("document.querySelector('h1').inert") is False
    assert complaints == []


def test_an_embedded_search_wants_a_place(page: "Page", host: Host) -> None:
    page.goto(host.url())

    said: Any = page.evaluate("try { Plaid.createEmbedded(config, '#place') } catch (error) { error.message }")

    assert "element" in said

"""A bank that asks on its own pages: in a window, or away and back."""

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.link_host import Host, Link
from tests.harness.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

BANK = "ins_127287"


def to_the_bank(page: "Page", link: Link) -> "Page":
    """The bank's own window."""
    link.choose(BANK)
    with page.expect_popup() as opened:
        link["oauth"].click()
    return opened.value


def test_the_accounts_ticked_at_the_bank_are_shared(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url())
    window = to_the_bank(page, link)
    window.get_by_test_id("bank-account-1111").uncheck()
    window.get_by_test_id("bank-approve").click()

    metadata = link.told("success")[1]

    assert [account["mask"] for account in metadata["accounts"]] == ["0000", "9002"]
    assert metadata["institution"]["name"] == "Platypus OAuth Bank"
    assert link.story()[-6:] == ["> OAUTH", "OPEN_OAUTH", "> OAUTH", "CLOSE_OAUTH", "> CONNECTED", "HANDOFF"]
    eventually(window.is_closed)
    assert complaints == []


def test_where_one_account_is_wanted_link_asks_after_the_bank(page: "Page", host: Host, bench: Bench) -> None:
    bench.control("settings", link_account_select="one")
    link = Link(page, host.url())
    to_the_bank(page, link).get_by_test_id("bank-approve").click()
    link["account-1111"].check()
    link["finish"].click()

    assert [account["mask"] for account in link.told("success")[1]["accounts"]] == ["1111"]


def test_a_no_at_the_bank_comes_back_to_the_pane(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    to_the_bank(page, link).get_by_test_id("bank-deny").click()
    link.says("did not finish at your bank")

    error, metadata = link.leave()

    assert error["error_code"] == "INSUFFICIENT_CREDENTIALS"
    assert metadata["status"] == "requires_oauth"
    assert "FAIL_OAUTH" in link.story()


def test_a_window_that_is_closed_can_be_opened_again(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    to_the_bank(page, link).close()
    link.says("did not finish at your bank")
    with page.expect_popup() as opened:
        link["oauth"].click()
    opened.value.get_by_test_id("bank-approve").click()

    link.told("success")


def test_nothing_ticked_is_nothing_to_link(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    window = to_the_bank(page, link)
    for mask in ("0000", "1111", "9002"):
        window.get_by_test_id(f"bank-account-{mask}").uncheck()
    window.get_by_test_id("bank-approve").click()
    link["error-close"].click()

    assert link.told("exit")[0]["error_code"] == "NO_ACCOUNTS"


def test_a_blocked_window_is_explained(page: "Page", host: Host) -> None:
    page.add_init_script("window.open = () => null")
    link = Link(page, host.url())
    link.choose(BANK)
    link["oauth"].click()
    link.says("Allow pop-up windows")

    assert link.leave()[1]["status"] == "requires_oauth"


def test_an_address_to_return_to_sends_the_page_away_and_back(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url(redirect_uri=host.home))
    link.choose(BANK)
    link["oauth"].click()
    page.get_by_test_id("bank-approve").click()
    page.wait_for_url("**/?oauth_state_id=*")

    metadata = link.told("success")[1]

    assert len(metadata["accounts"]) == 3
    assert link.story()[0] == "OPEN"
    assert complaints == []


def test_a_blocked_window_falls_back_on_the_address(page: "Page", host: Host, bench: Bench) -> None:
    bench.control("settings", link_oauth_popup_first=True)
    page.add_init_script("window.open = () => null")
    link = Link(page, host.url(redirect_uri=host.home))
    link.choose(BANK)
    link["oauth"].click()
    page.get_by_test_id("bank-approve").click()

    link.told("success")


def test_a_no_on_the_way_back_ends_in_the_error(page: "Page", host: Host) -> None:
    link = Link(page, host.url(redirect_uri=host.home))
    link.choose(BANK)
    link["oauth"].click()
    page.get_by_test_id("bank-deny").click()
    link["error-close"].click()

    error, metadata = link.told("exit")

    assert error["error_code"] == "INSUFFICIENT_CREDENTIALS"
    assert metadata["status"] == "requires_oauth"
    assert link.story() == ["OPEN", "ERROR", "> ERROR", "EXIT"] or link.story()[0] == "ERROR"


def returned(bench: Bench, host: Host, **changes: Any) -> str:
    """The error code, or nothing, of a return with one thing changed."""
    asked = {"redirect_uri": host.home}
    token = host.token(**asked)
    session = {"session_id": bench.frame("start", link_token=token)["session_id"]}
    way = bench.frame("choose", **session, institution_id=BANK)
    form = {"decision": "approve", "accounts": "0000", "way": "redirect"}
    back = bench.session.post(f"{bench.url}{way['url']}", data=form, allow_redirects=False, timeout=10)
    address = changes.get("address", "{}").format(back.headers["Location"])
    token = changes.get("token") or token
    for _ in range(changes.get("times", 1)):
        said = bench.frame("start", link_token=token, received_redirect_uri=address)
    return str(said.get("error", {}).get("error_code", ""))


def test_the_way_back_must_be_the_way_out(bench: Bench, host: Host) -> None:
    assert returned(bench, host) == ""
    assert returned(bench, host, token=host.token(redirect_uri=host.home)) == "INCORRECT_LINK_TOKEN"
    assert returned(bench, host, address="{}&more=1") == "INCORRECT_OAUTH_NONCE"
    assert returned(bench, host, address=f"{host.home}?oauth_state_id=none") == "OAUTH_STATE_ID_NOT_FOUND"
    assert returned(bench, host, address=host.home) == "INVALID_FIELD"
    assert returned(bench, host, times=2) == "OAUTH_STATE_ID_ALREADY_PROCESSED"


def test_the_way_back_carries_nothing_but_the_state(bench: Bench, host: Host) -> None:
    token = host.token(redirect_uri=host.home)
    session = {"session_id": bench.frame("start", link_token=token)["session_id"]}
    way = bench.frame("choose", **session, institution_id=BANK)

    form = {"decision": "deny", "way": "redirect"}
    back = bench.session.post(f"{bench.url}{way['url']}", data=form, allow_redirects=False, timeout=10)

    assert way["way"] == "redirect"
    assert set(parse_qs(urlsplit(back.headers["Location"]).query)) == {"oauth_state_id"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_banks_page_can_be_used_by_everybody(page: "Page", host: Host, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 700})
    link = Link(page, host.url(redirect_uri=host.home))
    link.choose(BANK)
    link["oauth"].click()
    page.get_by_test_id("bank-approve").wait_for()
    page.evaluate(AXE_SCRIPT)

    assert page.evaluate("axe.run(document).then(result => result.violations.map(v => v.id))") == []

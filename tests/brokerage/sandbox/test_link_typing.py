"""Numbers and codes typed into Link in a browser: without a sign-in, after one, and with the keyboard alone."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.link_host import Host, Link
from tests.brokerage.sandbox.plaid_frames import SAME_DAY, by_number

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

AFTER_SIGN_IN = {"instant_match_enabled": True, "automated_microdeposits_enabled": True}
IN_REAL_TIME = {"instant_microdeposits_enabled": True}


def test_an_account_may_be_linked_by_its_numbers(page: "Page", host: Host, bench: Bench, complaints: list[str]) -> None:
    link = Link(page, host.url(auth=SAME_DAY))
    link["continue"].click()
    link["by-number"].click()
    link["holder"].fill("Ada Byron")
    link["account-number"].fill("1111222233330000")
    link["routing"].fill("123")
    link["numbers-submit"].click()
    link.says("not a routing number")
    link["routing"].fill("110000000")
    link["numbers-submit"].click()
    public_token, metadata = link.told("success")
    access = bench.plaid("item/public_token/exchange", public_token=public_token).json()["access_token"]

    link = Link(page, host.url(access_token=access, products=None))
    link.give("deposit", "xyz")
    link.says("not")
    link.give("deposit", "abc")
    verified = link.told("success")[1]

    assert metadata["institution"] is None
    assert [account["verification_status"] for account in metadata["accounts"]] == ["pending_manual_verification"]
    assert [account["verification_status"] for account in verified["accounts"]] == ["manually_verified"]
    assert complaints == []


def test_a_third_wrong_code_is_the_last(page: "Page", host: Host, bench: Bench) -> None:
    link = Link(page, host.url(access_token=by_number(bench)["access_token"], products=None))
    for _ in range(2):
        link.give("deposit", "xyz")
        link.says("not")  # while an answer is under way Link takes no other
    link.give("deposit", "xyz")
    link["error-close"].click()

    assert link.told("exit")[0]["error_code"] == "TOO_MANY_VERIFICATION_ATTEMPTS"


def test_numbers_are_typed_after_the_sign_in(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url(auth=AFTER_SIGN_IN))
    link.choose("ins_109512")
    link.enter(username="microdeposits_good")
    link["account-0000"].check()
    link["finish"].click()
    link.frame.get_by_text("shows Plaid Checking ending in 0000").wait_for()
    link["match-submit"].click()
    link.says("Fill in both numbers.")
    link["match-routing"].fill("021000021")
    link["match-account"].fill("1111222233331111")
    link["match-submit"].click()
    link.says("That is not the number of Plaid Checking.")
    link["match-account"].fill("1111222233330000")
    link["match-submit"].click()

    metadata = link.told("success")[1]

    assert metadata["institution"]["name"] == "Houndstooth Bank"
    assert [account["verification_status"] for account in metadata["accounts"]] == ["pending_automatic_verification"]
    assert link.story()[-6:] == [
        "> NUMBERS", "SUBMIT_ROUTING_NUMBER", "SUBMIT_ACCOUNT_NUMBER", "> LOADING", "> CONNECTED", "HANDOFF",
    ]  # fmt: skip
    assert complaints == []


def test_numbers_that_match_need_no_mouse(page: "Page", host: Host) -> None:
    link = Link(page, host.url(auth=AFTER_SIGN_IN))
    link.choose("ins_109512")
    link["username"].fill("user_good")
    link["password"].fill("pass_good")
    page.keyboard.press("Enter")
    link["account-1111"].wait_for()
    for key in ("Tab", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    link["match-routing"].wait_for()
    page.keyboard.press("Tab")
    page.keyboard.type("021000021")
    page.keyboard.press("Tab")
    page.keyboard.type("1111222233331111")
    page.keyboard.press("Enter")

    accounts = link.told("success")[1]["accounts"]

    assert [(account["mask"], account["verification_status"]) for account in accounts] == [("1111", None)]


def test_a_deposit_in_real_time_is_confirmed_at_once(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url(auth=IN_REAL_TIME))
    link.choose("ins_135858")
    link.frame.get_by_text("For practice: 333333334").wait_for()
    for name, text in (("holder", "Ada Byron"), ("routing", "333333334"), ("account-number", "1111222233330000")):
        link[name].fill(text)
    link["numbers-submit"].click()
    link.give("deposit", "ABC")

    metadata = link.told("success")[1]

    assert metadata["institution"] is None
    assert [account["verification_status"] for account in metadata["accounts"]] == ["manually_verified"]
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_pane_for_numbers_can_be_used_by_everybody(
    page: "Page", host: Host, bench: Bench, scheme: Any, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 700})
    found = {}

    link = Link(page, host.url(auth=SAME_DAY | AFTER_SIGN_IN))
    link["continue"].click()
    link["by-number"].click()
    link["numbers-submit"].click()
    link.says("Fill in")
    found["numbers"] = link.violations()
    link = Link(page, host.url(auth=AFTER_SIGN_IN))
    link.choose("ins_109512")
    link.enter(username="user_single")
    link["finish"].click()
    link["match-submit"].click()
    link.says("Fill in")
    found["match"] = link.violations()
    link = Link(page, host.url(access_token=by_number(bench)["access_token"], products=None))
    link["deposit-submit"].click()
    link.says("Enter the three letters.")
    found["deposit"] = link.violations()

    assert found == {"numbers": [], "match": [], "deposit": []}

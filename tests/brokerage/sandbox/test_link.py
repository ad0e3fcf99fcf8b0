"""Link in a browser: every pane and both ways out, with nothing on the console of a page as strict as ours."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.link_host import Host, Link

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_link_ends_in_a_public_token(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url())
    link.sign_in("mfa_device")
    link["device-submit"].click()
    link["code"].fill("1234")
    page.keyboard.press("Enter")
    link["account-0000"].check()
    link["finish"].click()

    public_token, metadata = link.told("success")

    assert public_token.startswith("public-sandbox-")
    assert [account["mask"] for account in metadata["accounts"]] == ["0000"]
    assert metadata["institution"]["name"] == "First Platypus Bank"
    assert page.locator("iframe").count() == 0
    assert page.evaluate("document.activeElement.id") == "go"
    assert link.story()[-1] == "HANDOFF"
    assert complaints == []


def test_a_single_account_is_chosen_already(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.sign_in(username="user_single")
    link["finish"].click()

    assert len(link.told("success")[1]["accounts"]) == 1


def test_one_account_only_may_be_asked_for(page: "Page", host: Host, bench: Bench) -> None:
    bench.control("settings", link_account_select="one")
    link = Link(page, host.url())
    link.sign_in()
    link["finish"].click()
    link.says("Choose at least one account.")
    link["account-0000"].check()
    link["account-1111"].check()
    link["finish"].click()

    assert [account["mask"] for account in link.told("success")[1]["accounts"]] == ["1111"]


def test_questions_are_asked_round_after_round(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url())
    link.sign_in("mfa_questions_2_2", "user_single")
    link["questions-submit"].click()
    link.says("Answer every question.")
    link["answer-0"].fill("answer_0_0")
    link["answer-1"].fill("something else")
    link["questions-submit"].click()
    link.says("not right")
    for number in range(2):
        link.frame.get_by_label(f"({number}, 0)").fill(f"answer_{number}_0")
        link["answer-1"].fill(f"answer_{number}_1")
        link["questions-submit"].click()
    link["finish"].click()

    link.told("success")
    kinds = page.evaluate("told.filter(row => row[1] === 'SUBMIT_MFA').map(row => row[2].mfa_type)")
    assert kinds == ["questions"] * 3
    assert complaints == []


def test_selections_want_yes(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.sign_in("mfa_selections", "user_single")
    link["answer-0-no"].check()
    link["selections-submit"].click()
    link.says("not right")

    assert link.leave()[1]["status"] == "requires_selections"


@pytest.mark.parametrize(
    ("password", "status"),
    [
        ("mfa_device", "choose_device"),
        ("mfa_questions_1_1", "requires_questions"),
        ("mfa_selections", "requires_selections"),
        ("pass_good", "requires_account_selection"),
    ],
)
def test_leaving_says_what_was_still_wanted(page: "Page", host: Host, password: str, status: str) -> None:
    link = Link(page, host.url())
    link.sign_in(password)
    link.frame.locator("section:not([hidden]) button[type=submit]:not([data-testid=link-submit])").wait_for()

    error, metadata = link.leave()

    assert error is None
    assert metadata["status"] == status


def test_a_phone_number_may_be_asked_for_first(page: "Page", host: Host, bench: Bench) -> None:
    bench.control("settings", link_phone_pane=True)
    link = Link(page, host.url())
    link["continue"].click()
    link.give("phone", "12")
    link.says("ten digits")
    link.give("phone", "415-555-0010")
    link.give("otp", "000000")
    link.says("not right")
    link.give("otp", "123456")
    link["bank-ins_109508"].wait_for()

    link.leave()
    assert link.story()[1:9] == [
        "> SUBMIT_PHONE", "SUBMIT_PHONE", "ERROR", "> SUBMIT_PHONE", "SUBMIT_PHONE", "> VERIFY_PHONE", "SUBMIT_OTP",
        "ERROR",
    ]  # fmt: skip


def test_a_guest_gives_no_phone_number(page: "Page", host: Host, bench: Bench) -> None:
    bench.control("settings", link_phone_pane=True, link_consent_pane=False)
    link = Link(page, host.url())
    link["guest"].click()
    link["bank-ins_109508"].wait_for()

    link.leave()
    assert link.story()[:3] == ["OPEN", "SKIP_SUBMIT_PHONE", "> SELECT_INSTITUTION"]


def test_a_bank_that_is_not_there_is_not_found(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link["continue"].click()
    link["search"].fill("no such bank")
    link.frame.get_by_text("No bank found for “no such bank”.").wait_for()

    metadata = link.leave()[1]

    assert metadata["status"] == "institution_not_found"
    assert metadata["institution"] is None
    searched = page.evaluate("told.filter(row => row[1] === 'SEARCH_INSTITUTION').at(-1)[2].institution_search_query")
    assert searched == "no such bank"


def test_a_change_of_mind_is_asked_about_and_told(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url())
    link.sign_in("wrong")
    link.says("not right")
    page.keyboard.press("Escape")
    link["exit-cancel"].click()

    error, metadata = link.leave()

    assert error["error_code"] == "INVALID_CREDENTIALS"
    assert set(error) == {"error_type", "error_code", "error_message", "display_message"}
    assert metadata["status"] == "requires_credentials"
    assert complaints == []


@pytest.mark.parametrize("code", ["ITEM_LOCKED", "INSTITUTION_NOT_RESPONDING", "USER_SETUP_REQUIRED", "NO_ACCOUNTS"])
def test_a_refusal_at_the_bank_can_be_tried_again_or_left(page: "Page", host: Host, code: str) -> None:
    link = Link(page, host.url())
    link.sign_in(f"error_{code}")
    link["error-retry"].click()
    link.enter(f"error_{code}")
    link["error-close"].click()

    error, metadata = link.told("exit")

    assert error["error_code"] == code
    assert metadata["status"] == "requires_credentials"
    assert metadata["institution"]["institution_id"] == "ins_109508"
    assert link.story()[-4:] == ["> LOADING", "ERROR", "> ERROR", "EXIT"]


def test_another_bank_can_be_chosen_after_a_refusal(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.sign_in("error_ITEM_LOCKED")
    link["error-other"].click()
    link["bank-ins_109511"].click()
    link.enter(username="user_single")
    link["finish"].click()

    assert link.told("success")[1]["institution"]["name"] == "Tartan Bank"


@pytest.mark.parametrize(
    ("institution_id", "code", "status"),
    [
        ("ins_132361", "INSTITUTION_DOWN", None),
        ("ins_133402", "INSTITUTION_NO_LONGER_SUPPORTED", "institution_not_supported"),
    ],
)
def test_a_bank_may_be_out_of_reach(
    page: "Page", host: Host, institution_id: str, code: str, status: str | None
) -> None:
    link = Link(page, host.url())
    link.choose(institution_id)
    link["error-close"].click()

    error, metadata = link.told("exit")

    assert error["error_code"] == code
    assert metadata["status"] in (status, "institution_not_found")


def test_a_shaky_bank_says_so_and_works(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link.choose("ins_132363")
    link.frame.get_by_text("Connections to this bank often fail at the moment.").wait_for()
    link.enter(username="user_single")
    link["finish"].click()

    link.told("success")
    assert "SELECT_DEGRADED_INSTITUTION" in link.story()


def test_an_expired_session_is_explained(page: "Page", host: Host, complaints: list[str]) -> None:
    link = Link(page, host.url("link-sandbox-of-yesterday"))
    link["error-close"].click()

    assert link.told("exit")[0]["error_code"] == "INVALID_LINK_TOKEN"
    assert complaints == []


def test_a_token_that_expires_on_the_way_ends_the_session(page: "Page", host: Host, bench: Bench) -> None:
    link = Link(page, host.url())
    link.choose()
    link["username"].wait_for()
    bench.pass_time(4 * 3600 + 1)
    link.enter()
    link.shows("This did not work")
    link["error-retry"].wait_for(state="hidden")
    link["error-close"].click()

    assert link.told("exit")[0]["error_code"] == "INVALID_LINK_TOKEN"


def test_an_update_begins_at_the_items_own_bank(page: "Page", host: Host, bench: Bench) -> None:
    access = access_token(bench)
    bench.plaid("sandbox/item/reset_login", access_token=access)

    link = Link(page, host.url(access_token=access, products=None))
    link.shows("Sign in to First Platypus Bank")
    link.enter()

    metadata = link.told("success")[1]
    assert len(metadata["accounts"]) > 1
    assert page.evaluate("told.find(row => row[1] === 'OPEN')[2].is_update_mode") == "true"
    assert bench.plaid("item/get", access_token=access).json()["item"]["error"] is None


def test_an_update_may_choose_other_accounts(page: "Page", host: Host, bench: Bench) -> None:
    access = access_token(bench)
    choice = {"account_selection_enabled": True}

    link = Link(page, host.url(access_token=access, products=None, update=choice))
    link.enter()
    link["account-0000"].uncheck()
    link["finish"].click()

    assert [account["mask"] for account in link.told("success")[1]["accounts"]] == ["1111", "9002"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "second"), [(320, "device"), (390, "selections"), (1280, "questions_1_2")])
def test_every_pane_can_be_used_by_everybody(
    page: "Page", host: Host, bench: Bench, scheme: Any, width: int, second: str
) -> None:
    bench.control("settings", link_phone_pane=True)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 700})
    link = Link(page, host.url())
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        link[name].wait_for()
        found[name] = link.violations()

    look("continue")
    link["continue"].click()
    look("phone")
    link.give("phone", "4155550010")
    look("otp")
    link.give("otp", "123456")
    look("bank-ins_132363")
    link["search"].fill("nothing like it")
    link.frame.get_by_text("No bank found").wait_for()
    found["nothing"] = link.violations()
    link["search"].fill("")
    link["bank-ins_132361"].click()
    look("error-other")
    link["error-other"].click()
    link["bank-ins_127287"].click()
    look("oauth")
    link["oauth-back"].click()
    link["bank-ins_132363"].click()
    look("submit")
    link.enter("wrong")
    link.says("not right")
    found["wrong"] = link.violations()
    link.enter(f"mfa_{second}")
    look(f"{second}-submit" if second != "questions_1_2" else "questions-submit")
    if second == "device":
        link["device-submit"].click()
        look("code-submit")
        link.give("code", "1234")
        look("finish")
    link["exit"].click()
    look("exit-confirm")

    assert found == {name: [] for name in found}


def test_the_keyboard_stays_inside(page: "Page", host: Host) -> None:
    link = Link(page, host.url())
    link["continue"].wait_for()

    seen = set()
    for _ in range(6):
        page.keyboard.press("Tab")
        seen.add(page.frames[-1].evaluate("document.activeElement.dataset.testid || ''"))

    assert seen == {"link-exit", "link-continue"}
    assert page.evaluate("document.querySelector('main').inert") is True


def access_token(bench: Bench) -> str:
    made = bench.plaid("sandbox/public_token/create", institution_id="ins_109508", initial_products=["auth"]).json()
    token: str = bench.plaid("item/public_token/exchange", public_token=made["public_token"]).json()["access_token"]
    return token

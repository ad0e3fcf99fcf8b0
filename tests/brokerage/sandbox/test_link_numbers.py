"""Accounts whose numbers a customer types: which link tokens let them, and how it is proved whose they are."""

from typing import Any

import pytest

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.plaid_client import PLATYPUS, account_of, client, refusal
from tests.brokerage.sandbox.plaid_frames import NUMBERS, SAME_DAY, Frame, by_number, new_link


@pytest.fixture
def api(bench: Bench) -> Any:
    return client(bench.url)


# --- The same day: by number, without a sign-in -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "welcome"),
    [
        ({"auth": SAME_DAY}, True),
        ({"auth": SAME_DAY, "products": ["auth", "transfer"]}, True),
        ({"auth": SAME_DAY, "products": ["auth", "signal"], "optional_products": []}, False),
        ({}, False),
    ],
)
def test_products_that_are_only_welcome_do_not_close_the_way(
    bench: Bench, asked: dict[str, Any], welcome: bool
) -> None:
    frame = new_link(bench, **asked)

    assert frame.ask("institutions", query="no such bank")["numbers"] is welcome


def test_an_account_linked_by_number_can_be_used_once_its_code_is_typed(bench: Bench, api: Any, account: str) -> None:
    access = by_number(bench)
    asked = {**account_of(api, access), "processor": "alpaca"}
    early = refusal(api.processor_token_create, asked)

    update = Frame(bench, **access)
    wrong = update.ask("deposit", code="xyz")
    update.ask("deposit", code="abc")
    metadata = update.finish()

    token = api.processor_token_create(asked)["processor_token"]
    linked = bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json={"processor_token": token}).json()
    bench.pass_time(2)
    assert early == (400, "PRODUCT_NOT_READY")
    assert wrong["error"]["error_code"] == "INCORRECT_DEPOSIT_VERIFICATION"
    assert metadata["accounts"][0]["verification_status"] == "manually_verified"
    assert linked["account_owner_name"] == "Ada Byron"
    assert bench.state()["relationships"][0]["status"] == "APPROVED"


def test_an_item_linked_by_number_has_only_auth(bench: Bench, api: Any) -> None:
    access = by_number(bench)

    shown = api.item_get(access)["item"].to_dict()

    assert (shown["products"], shown["institution_id"]) == (["auth"], None)
    assert shown["auth_method"] == "SAME_DAY_MICRODEPOSITS"


def test_after_three_wrong_codes_link_says_so_at_once(bench: Bench) -> None:
    access = by_number(bench)
    update = Frame(bench, **access)
    for code in ("xxx", "yyy", "zzz"):
        update.ask("deposit", code=code)

    assert Frame(bench, **access).error() == "TOO_MANY_VERIFICATION_ATTEMPTS"


def test_once_the_code_is_typed_an_update_has_nothing_to_ask(bench: Bench) -> None:
    access = by_number(bench)
    Frame(bench, **access).ask("deposit", code="ABC")

    again = Frame(bench, **access)

    assert again.said["next"] == "connected"
    assert again.finish()["accounts"][0]["verification_status"] == "manually_verified"


def test_where_nobody_signed_in_no_sign_in_ends(bench: Bench, api: Any) -> None:
    access = by_number(bench)

    bench.pass_time(31 * 86_400)

    assert api.item_get(access)["item"]["error"] is None


# --- In real time: at one bank the deposit arrives while Link is open ------------------------------------------------

IN_REAL_TIME = {"instant_microdeposits_enabled": True}
WINDOWPANE = "ins_135858"


def test_a_deposit_in_real_time_is_confirmed_within_the_session(bench: Bench, api: Any) -> None:
    frame = new_link(bench, auth=IN_REAL_TIME)
    asked = frame.ask("choose", institution_id=WINDOWPANE)
    told = frame.ask("numbers", **{**NUMBERS, "routing": asked["routing"]})
    early = frame.ask("finish")
    frame.ask("deposit", code=" abc ")
    metadata = frame.finish()
    access = frame.exchange()

    assert (asked["next"], asked["routing"], told["next"]) == ("numbers", "333333334", "deposit")
    assert early["error"]["error_code"] == "INVALID_FIELD"
    assert metadata["accounts"][0]["verification_status"] == "manually_verified"
    assert str(api.item_get(access)["item"]["auth_method"]) == "INSTANT_MICRODEPOSITS"
    assert api.processor_token_create({**account_of(api, access), "processor": "alpaca"})["processor_token"]


def test_the_third_wrong_code_of_a_deposit_in_real_time_is_the_last(bench: Bench) -> None:
    frame = new_link(bench, auth=IN_REAL_TIME)
    frame.ask("numbers", **{**NUMBERS, "routing": "333333334"})

    codes = [frame.ask("deposit", code=code)["error"]["error_code"] for code in ("x", "y", "z", "ABC")]

    assert codes == ["INCORRECT_DEPOSIT_VERIFICATION"] * 2 + ["TOO_MANY_VERIFICATION_ATTEMPTS"] * 2


@pytest.mark.parametrize(
    ("auth", "routing", "ends_with"),
    [
        (SAME_DAY | IN_REAL_TIME, "333333334", "deposit"),
        (SAME_DAY | IN_REAL_TIME, "110000000", "connected"),
        (SAME_DAY, "333333334", "connected"),
        (IN_REAL_TIME, "110000000", None),
    ],
)
def test_a_deposit_comes_in_real_time_where_bank_and_token_allow_it(
    bench: Bench, auth: dict[str, bool], routing: str, ends_with: str | None
) -> None:
    frame = new_link(bench, auth=auth)

    assert frame.ask("numbers", **{**NUMBERS, "routing": routing}).get("next") == ends_with


def test_without_deposits_in_real_time_that_bank_is_as_any(bench: Bench) -> None:
    assert new_link(bench, auth=SAME_DAY).ask("choose", institution_id=WINDOWPANE)["next"] == "credentials"


# --- With a sign-in ---------------------------------------------------------------------------------------------------


def test_what_is_required_if_supported_is_on_the_item(bench: Bench, api: Any) -> None:
    frame = new_link(bench)
    frame.sign_in(PLATYPUS)
    frame.finish("0000")

    shown = api.item_get(frame.exchange())["item"].to_dict()

    assert shown["billed_products"] == ["auth", "identity"]


def test_access_that_was_taken_back_is_not_repaired_on_the_way(bench: Bench, api: Any) -> None:
    frame = new_link(bench)
    frame.sign_in(PLATYPUS)
    frame.finish("0000")
    access = frame.exchange()
    update = Frame(bench, **access)
    update.sign_in(PLATYPUS)
    bench.control(f"plaid/items/{api.item_get(access)['item']['item_id']}", state="revoked")

    update.ask("finish")

    assert update.error() == "USER_PERMISSION_REVOKED"

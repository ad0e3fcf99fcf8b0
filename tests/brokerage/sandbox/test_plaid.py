"""Plaid's API: the order of its checks, its errors, and how long its tokens hold."""

from typing import Any

import pytest

from tests.brokerage.sandbox.bench import Bench

ASKED: dict[str, Any] = {
    "client_name": "Harbor",
    "language": "en",
    "country_codes": ["US"],
    "user": {"client_user_id": "1"},
    "products": ["auth"],
}


def code(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert {"error_type", "error_code", "error_message", "display_message", "request_id"} <= set(body)
    return answer.status_code, body["error_code"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"client_name": ""}, "MISSING_FIELDS"),
        ({"user": {}}, "MISSING_FIELDS"),
        ({"products": []}, "MISSING_FIELDS"),
        ({"colour": "green"}, "UNKNOWN_FIELDS"),
        ({"language": "tlh"}, "INVALID_FIELD"),
        ({"country_codes": ["ZZ"]}, "INVALID_FIELD"),
        ({"products": ["nonsense"]}, "INVALID_FIELD"),
        ({"products": ["auth", "balance"]}, "INVALID_PRODUCT"),
        ({"products": ["signal"]}, "INVALID_PRODUCT"),
        ({"user": {"client_user_id": "1", "phone_number": "12"}}, "INVALID_FIELD"),
        ({"account_filters": {"piggy": {}}}, "INVALID_FIELD"),
        ({"access_token": "access-sandbox-x"}, "INVALID_FIELD"),
    ],
)
def test_a_bad_link_token_request_is_told_why(bench: Bench, change: dict[str, Any], expected: str) -> None:
    assert code(bench.plaid("link/token/create", **{**ASKED, **change})) == (400, expected)


@pytest.mark.parametrize(
    "change",
    [
        {"products": "auth"},
        {"user": "1"},
        {"client_name": 7},
        {"account_filters": {"depository": "checking"}},
        {"user": {"client_user_id": "1", "phone_number": [5]}},
    ],
)
def test_a_field_of_the_wrong_kind_is_no_accident(bench: Bench, change: dict[str, Any]) -> None:
    assert code(bench.plaid("link/token/create", **{**ASKED, **change})) == (400, "INVALID_FIELD")


def test_checks_come_in_plaids_order(bench: Bench) -> None:
    url = f"{bench.url}/plaid"

    def post(path: str, body: str, **headers: str) -> tuple[int, str]:
        return code(bench.session.post(f"{url}/{path}", data=body, headers=headers, timeout=5))

    assert post("no/such/path", "{") == (404, "NOT_FOUND")
    assert post("item/get", "{") == (400, "INVALID_BODY")
    assert post("item/get", "{}") == (400, "MISSING_FIELDS")
    wrong = {"PLAID-CLIENT-ID": "local-plaid-id", "PLAID-SECRET": "wrong"}
    assert post("item/get", "{}", **wrong) == (400, "INVALID_API_KEYS")
    right = {"PLAID-CLIENT-ID": "local-plaid-id", "PLAID-SECRET": "local-plaid-secret"}
    assert post("item/get", "{}", **right) == (400, "MISSING_FIELDS")
    assert post("item/get", '{"access_token":"a"}', **right) == (400, "INVALID_ACCESS_TOKEN")


def test_a_public_token_is_exchanged_once_and_soon(bench: Bench) -> None:
    first, second = (public_token(bench) for _ in range(2))

    fresh = bench.plaid("item/public_token/exchange", public_token=first)
    again = bench.plaid("item/public_token/exchange", public_token=first)
    bench.pass_time(1801)
    late = bench.plaid("item/public_token/exchange", public_token=second)

    assert fresh.status_code == 200
    assert code(again) == code(late) == (400, "INVALID_PUBLIC_TOKEN")


def test_only_checking_and_savings_are_processed(bench: Bench) -> None:
    access, accounts = item(bench)
    by_mask = {account["mask"]: account["account_id"] for account in accounts}

    def process(account_id: str) -> Any:
        return bench.plaid("processor/token/create", access_token=access, account_id=account_id, processor="alpaca")

    assert [process(by_mask[mask]).status_code for mask in ("0000", "1111")] == [200, 200]
    assert code(process(by_mask["3333"])) == (400, "ITEM_NOT_SUPPORTED")
    assert code(process("nobody")) == (400, "INVALID_ACCOUNT_ID")


def test_a_processor_may_be_switched_off(bench: Bench) -> None:
    bench.control("settings", disabled_processors=["alpaca"])
    access, accounts = item(bench)

    answer = bench.plaid(
        "processor/token/create", access_token=access, account_id=accounts[0]["account_id"], processor="alpaca"
    )

    assert code(answer) == (400, "INVALID_PRODUCT")


def test_an_item_that_must_sign_in_shows_no_balances(bench: Bench) -> None:
    access, _ = item(bench)
    bench.plaid("sandbox/item/reset_login", access_token=access)

    assert code(bench.plaid("accounts/balance/get", access_token=access)) == (400, "ITEM_LOGIN_REQUIRED")
    assert bench.plaid("item/get", access_token=access).json()["item"]["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"


def test_link_ends_with_the_accounts_that_were_chosen(bench: Bench) -> None:
    session = signed_in(bench, "user_good", "pass_good")

    done = bench.frame("finish", session_id=session["session_id"], accounts=["1111"])
    access = bench.plaid("item/public_token/exchange", public_token=done["public_token"]).json()["access_token"]

    assert [account["mask"] for account in session["accounts"]] == ["0000", "1111", "9002"]
    kept = bench.plaid("accounts/get", access_token=access).json()["accounts"]
    assert [account["account_id"] for account in kept] == [account["id"] for account in done["metadata"]["accounts"]]
    assert done["metadata"]["institution"] == {"institution_id": "ins_109511", "name": "Tartan Bank"}


def test_link_asks_for_a_code(bench: Bench) -> None:
    session = signed_in(bench, "user_good", "mfa_device")

    early = bench.frame("finish", session_id=session["session_id"], accounts=["0000"])
    wrong = bench.frame("code", session_id=session["session_id"], code="0000")
    right = bench.frame("code", session_id=session["session_id"], code="1234")

    assert session["next"] == "code"
    assert early["error"]["error_code"] == "INVALID_FIELD"
    assert wrong["error"]["error_code"] == "INVALID_MFA"
    assert right["next"] == "accounts"


@pytest.mark.parametrize(
    ("username", "password", "expected"),
    [
        ("user_good", "wrong", "INVALID_CREDENTIALS"),
        ("nobody", "pass_good", "INVALID_CREDENTIALS"),
        ("user_good", "error_ITEM_LOCKED", "ITEM_LOCKED"),
        ("user_good", "error_INSTITUTION_DOWN", "INSTITUTION_DOWN"),
    ],
)
def test_link_says_what_the_bank_says(bench: Bench, username: str, password: str, expected: str) -> None:
    assert signed_in(bench, username, password)["error"]["error_code"] == expected


def test_filters_narrow_what_link_offers(bench: Bench) -> None:
    filters = {"depository": {"account_subtypes": ["savings"]}}

    session = signed_in(bench, "user_good", "pass_good", account_filters=filters)
    nothing = signed_in(bench, "user_single", "pass_good", account_filters=filters)

    assert [account["mask"] for account in session["accounts"]] == ["1111"]
    assert nothing["error"]["error_code"] == "NO_ACCOUNTS"


def test_a_link_token_holds_for_four_hours(bench: Bench) -> None:
    token = bench.plaid("link/token/create", **ASKED).json()["link_token"]

    bench.pass_time(4 * 3600 - 1)
    held = bench.frame("start", link_token=token)
    bench.pass_time(2)

    assert held["client_name"] == "Harbor"
    assert bench.frame("start", link_token=token)["error"]["error_code"] == "INVALID_LINK_TOKEN"


def test_update_mode_repairs_the_item(bench: Bench) -> None:
    access, _ = item(bench)
    bench.plaid("sandbox/item/reset_login", access_token=access)
    asked = {name: value for name, value in ASKED.items() if name != "products"}

    token = bench.plaid("link/token/create", **asked, access_token=access).json()["link_token"]
    started = bench.frame("start", link_token=token)
    session = {"session_id": started["session_id"]}
    signed = bench.frame("sign-in", **session, institution_id="ins_109508", username="user_good", password="pass_good")
    bench.frame("finish", **session)

    assert started["institution"]["institution_id"] == "ins_109508"
    assert signed["next"] == "connected"
    assert bench.plaid("item/get", access_token=access).json()["item"]["error"] is None


def public_token(bench: Bench) -> str:
    made = bench.plaid("sandbox/public_token/create", institution_id="ins_109508", initial_products=["auth"])
    token: str = made.json()["public_token"]
    return token


def item(bench: Bench) -> tuple[str, Any]:
    """An access token and the accounts it shows."""
    access = bench.plaid("item/public_token/exchange", public_token=public_token(bench)).json()["access_token"]
    return access, bench.plaid("accounts/get", access_token=access).json()["accounts"]


def signed_in(bench: Bench, username: str, password: str, **asked: Any) -> Any:
    """What Link's server says to a sign-in at Tartan Bank, and the session it belongs to."""
    token = bench.plaid("link/token/create", **{**ASKED, **asked}).json()["link_token"]
    session = {"session_id": bench.frame("start", link_token=token)["session_id"]}
    said = bench.frame("sign-in", **session, institution_id="ins_109511", username=username, password=password)
    return {**said, **session}

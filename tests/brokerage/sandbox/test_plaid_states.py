"""What becomes of an Item: signed out, revoked, removed, still to be verified; and who else hears of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from brokerage.sandbox.plaid import items, logins, verification
from brokerage.sandbox.plaid.refusal import PlaidRefusal
from brokerage.sandbox.server import SandboxServer
from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.plaid_client import (
    account_of,
    client,
    item,
    processor_token,
    refusal,
    update_mode_of,
)
from tests.brokerage.sandbox.plaid_receiver import Receiver, receiving


@pytest.fixture
def api(bench: Bench) -> Any:
    return client(bench.url)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def waiting_item(server: SandboxServer, status: str, webhook: str | None = None) -> dict[str, str]:
    """An Item whose one account was linked by its number, as Link's frame makes it."""
    method = "AUTOMATED_MICRODEPOSITS" if "automatic" in status else "SAME_DAY_MICRODEPOSITS"
    account = replace(logins.CHECKING, verification_status=status)
    with server.books.entry():
        item_id = items.create(
            server.books,
            institution_id="ins_109512" if "automatic" in status else None,
            products=["auth"],
            webhook=webhook,
            accounts=[account],
            auth_method=method,
        )
        return {"access_token": items.by_id(server.books, item_id)["access_token"]}


def set_state(bench: Bench, api: Any, access: dict[str, str], state: str) -> None:
    bench.control(f"plaid/items/{api.item_get(access)['item']['item_id']}", state=state)


@pytest.mark.parametrize(
    ("state", "code"), [("login_required", "ITEM_LOGIN_REQUIRED"), ("revoked", "USER_PERMISSION_REVOKED")]
)
def test_trouble_is_everywhere_but_in_item_get(bench: Bench, api: Any, state: str, code: str) -> None:
    access = item(api)
    token = processor_token(api, access)
    account = account_of(api, access)

    set_state(bench, api, access, state)

    assert api.item_get(access)["item"]["error"]["error_code"] == code
    for call in (api.accounts_get, api.accounts_balance_get, api.auth_get, api.identity_get, api.identity_match):
        assert refusal(call, access) == (400, code)
    assert refusal(api.processor_token_create, {**account, "processor": "alpaca"}) == (400, code)
    for call in (api.processor_account_get, api.processor_auth_get, api.processor_balance_get):
        assert refusal(call, token) == (400, code)


def test_update_mode_is_for_who_is_signed_out_and_not_for_who_has_left(bench: Bench, api: Any) -> None:
    access = item(api)

    set_state(bench, api, access, "login_required")
    assert api.link_token_create(update_mode_of(access))["link_token"]

    set_state(bench, api, access, "revoked")
    assert refusal(api.link_token_create, update_mode_of(access)) == (400, "USER_PERMISSION_REVOKED")


def test_trouble_is_told_once_and_its_end_too(bench: Bench, api: Any, receiver: Receiver) -> None:
    access = item(api, webhook=receiver.url)

    for state in ("login_required", "login_required", "repaired", "revoked"):
        set_state(bench, api, access, state)

    assert receiver.codes(3) == ["ERROR", "LOGIN_REPAIRED", "USER_PERMISSION_REVOKED"]


def test_removal_kills_every_token(api: Any) -> None:
    access = item(api)
    token = processor_token(api, access)

    api.item_remove(access)

    assert refusal(api.item_get, access) == (400, "ITEM_NOT_FOUND")
    assert refusal(api.item_remove, access) == (400, "ITEM_NOT_FOUND")
    assert refusal(api.link_token_create, update_mode_of(access)) == (400, "ITEM_NOT_FOUND")
    assert refusal(api.processor_auth_get, token) == (400, "INVALID_PROCESSOR_TOKEN")
    assert refusal(api.processor_token_webhook_update, {**token, "webhook": "https://a.example"})[0] == 400


def test_an_access_token_that_leaked_is_replaced(api: Any) -> None:
    access = item(api)
    token = processor_token(api, access)

    fresh = {"access_token": api.item_access_token_invalidate(access)["new_access_token"]}

    assert refusal(api.item_get, access) == (400, "INVALID_ACCESS_TOKEN")
    assert api.item_get(fresh)["item"]["error"] is None
    assert api.processor_auth_get(token)


def test_a_sign_in_holds_for_thirty_days(bench: Bench, api: Any, receiver: Receiver) -> None:
    access = item(api, webhook=receiver.url)

    bench.pass_time(30 * 86_400 - 1)
    assert api.accounts_get(access)
    bench.pass_time(1)

    assert refusal(api.accounts_get, access) == (400, "ITEM_LOGIN_REQUIRED")
    assert receiver.codes(1) == ["ERROR"]


def test_a_sign_in_may_hold_for_ever(bench: Bench, api: Any) -> None:
    bench.control("settings", plaid_item_days=0)
    access = item(api)

    bench.pass_time(400 * 86_400)

    assert api.accounts_get(access)


@pytest.mark.parametrize(
    ("status", "code"),
    [("automatically_verified", "AUTOMATICALLY_VERIFIED"), ("verification_expired", "VERIFICATION_EXPIRED")],
)
def test_an_account_linked_by_number_is_verified_or_not(
    server: SandboxServer, api: Any, receiver: Receiver, status: str, code: str
) -> None:
    access = waiting_item(server, "pending_automatic_verification", receiver.url)
    account = account_of(api, access)
    assert refusal(api.auth_get, access) == (400, "PRODUCT_NOT_READY")
    assert refusal(api.processor_token_create, {**account, "processor": "alpaca"}) == (400, "PRODUCT_NOT_READY")

    api.sandbox_item_set_verification_status({**account, "verification_status": status})

    said = receiver.next().said
    assert (said["webhook_type"], said["webhook_code"], said["account_id"]) == ("AUTH", code, account["account_id"])
    assert api.accounts_get(access)["accounts"][0]["verification_status"] == status
    again = {**account, "verification_status": status}
    assert refusal(api.sandbox_item_set_verification_status, again) == (400, "INVALID_FIELD")
    if status == "automatically_verified":
        assert api.processor_token_create({**account, "processor": "alpaca"})["processor_token"]
    else:
        assert refusal(api.auth_get, access) == (400, "NO_AUTH_ACCOUNTS")


def test_deposits_that_nobody_saw_expire_in_a_week(
    server: SandboxServer, bench: Bench, api: Any, receiver: Receiver
) -> None:
    bench.control("settings", profile="manual")
    access = waiting_item(server, "pending_automatic_verification", receiver.url)

    bench.pass_time(7 * 86_400)

    assert receiver.codes(1) == ["VERIFICATION_EXPIRED"]
    assert api.accounts_get(access)["accounts"][0]["verification_status"] == "verification_expired"


def test_a_code_from_the_statement_verifies_an_account(server: SandboxServer, api: Any) -> None:
    access = waiting_item(server, "pending_manual_verification")
    item_id = api.item_get(access)["item"]["item_id"]

    with pytest.raises(PlaidRefusal, match="not the one"):
        verification.check_code(server.books, item_id, "XYZ")
    verification.check_code(server.books, item_id, " abc ")

    assert api.accounts_get(access)["accounts"][0]["verification_status"] == "manually_verified"
    assert len(api.auth_get(access)["numbers"]["ach"]) == 1
    assert api.item_get(access)["item"]["institution_id"] is None


def test_the_third_wrong_code_is_the_last(server: SandboxServer, api: Any) -> None:
    access = waiting_item(server, "pending_manual_verification")
    item_id = api.item_get(access)["item"]["item_id"]
    codes = []

    for code in ("XXX", "YYY", "ZZZ", "ABC"):
        with pytest.raises(PlaidRefusal) as raised:
            verification.check_code(server.books, item_id, code)
        codes.append(raised.value.code)

    assert codes == ["INCORRECT_DEPOSIT_VERIFICATION"] * 2 + ["TOO_MANY_VERIFICATION_ATTEMPTS"] * 2
    assert api.accounts_get(access)["accounts"][0]["verification_status"] == "verification_failed"


def test_nobody_can_look_into_an_account_linked_by_number(server: SandboxServer, api: Any) -> None:
    access = waiting_item(server, "manually_verified")

    for call in (api.accounts_balance_get, api.identity_get):
        assert refusal(call, access) == (400, "PRODUCTS_NOT_SUPPORTED")


def test_an_item_from_an_older_sandbox_is_known_by_its_tokens(server: SandboxServer, api: Any) -> None:
    access = item(api)
    with server.books.entry():
        server.books.write("DELETE FROM item_states")

    assert api.item_get(access)["item"]["auth_method"]
    assert server.books.number("SELECT exchanged FROM item_states") == 1


def test_an_account_that_waits_can_be_verified_through_link(server: SandboxServer, api: Any) -> None:
    access = waiting_item(server, "pending_manual_verification")

    assert api.link_token_create(update_mode_of(access))["link_token"]


def test_a_removed_item_is_not_heard_of_again(
    server: SandboxServer, bench: Bench, api: Any, receiver: Receiver
) -> None:
    access = waiting_item(server, "pending_automatic_verification", receiver.url)
    api.item_remove(access)

    bench.pass_time(31 * 86_400)

    messages = bench.session.get(f"{bench.url}/control/plaid/webhooks", timeout=5).json()["messages"]
    assert messages == []

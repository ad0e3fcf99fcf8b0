"""What a bank and its customer do to an Item behind the application's back, and how it hears of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.plaid_client import PLATYPUS, account_of, client, item, processor_token, refusal
from tests.brokerage.sandbox.plaid_frames import Frame, by_number
from tests.brokerage.sandbox.plaid_receiver import Receiver, receiving

DAY = 86_400
DEAD = (400, "INVALID_PROCESSOR_TOKEN")


@pytest.fixture
def api(bench: Bench) -> Any:
    return client(bench.url)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def access(api: Any, receiver: Receiver) -> dict[str, str]:
    """An Item whose news come to the receiver."""
    return item(api, webhook=receiver.url)


def change(bench: Bench, access: dict[str, str], state: str, **more: str) -> requests.Response:
    item_id = bench.plaid("item/get", **access).json()["item"]["item_id"]
    return bench.session.post(f"{bench.url}/control/plaid/items/{item_id}", json={"state": state, **more}, timeout=5)


def sign_in_again(bench: Bench, access: dict[str, str], bank: str = PLATYPUS) -> None:
    """Pass through update mode, at a bank's own pages too."""
    frame = Frame(bench, **access)
    if frame.said["next"] == "oauth":
        bench.session.post(f"{bench.url}{frame.said['url']}", data={"decision": "approve"}, timeout=5)
        frame.ask("oauth")
    else:
        frame.sign_in(bank)
    frame.finish()


def link(bench: Bench, account: str, token: dict[str, str]) -> int:
    """The status of a new link at the broker by a processor token."""
    return bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json=token).status_code


# --- The sign-in ------------------------------------------------------------------------------------------------------


def test_an_end_is_announced_a_week_ahead_and_comes(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]
) -> None:
    change(bench, access, "disconnecting")
    change(bench, access, "disconnecting")
    notice = receiver.next().said
    announced = api.item_get(access)["item"]
    bench.pass_time(7 * DAY - 1)
    still_well = api.accounts_get(access)
    bench.pass_time(1)

    news = receiver.next().said
    ends_at = datetime.fromisoformat(notice["disconnect_time"])
    assert (notice["webhook_code"], notice["reason"]) == ("PENDING_DISCONNECT", "INSTITUTION_TOKEN_EXPIRATION")
    assert announced["consent_expiration_time"] == ends_at
    assert announced["error"] is None
    assert ends_at - datetime.fromisoformat(bench.state()["clock"]["now"]) < timedelta(seconds=1)
    assert still_well["accounts"]
    assert (news["webhook_code"], news["error"]["error_code"]) == ("ERROR", "ITEM_LOGIN_REQUIRED")
    assert refusal(api.accounts_get, access) == (400, "ITEM_LOGIN_REQUIRED")
    assert api.item_get(access)["item"]["consent_expiration_time"] is None


def test_a_new_sign_in_before_the_end_takes_it_back(bench: Bench, api: Any, access: dict[str, str]) -> None:
    change(bench, access, "disconnecting")

    sign_in_again(bench, access)
    bench.pass_time(8 * DAY)

    assert api.accounts_get(access)["item"]["consent_expiration_time"] is None


def test_a_repair_elsewhere_takes_it_back_too(bench: Bench, api: Any, access: dict[str, str]) -> None:
    change(bench, access, "disconnecting")

    change(bench, access, "repaired")
    bench.pass_time(8 * DAY)

    assert api.accounts_get(access)["item"]["error"] is None


def test_an_end_that_is_announced_outlives_a_change_of_pace(bench: Bench, api: Any, access: dict[str, str]) -> None:
    change(bench, access, "disconnecting")

    bench.control("settings", profile="manual")
    bench.pass_time(7 * DAY)

    assert refusal(api.accounts_get, access) == (400, "ITEM_LOGIN_REQUIRED")


def test_thirty_days_are_counted_from_the_last_sign_in(bench: Bench, api: Any, access: dict[str, str]) -> None:
    bench.pass_time(29 * DAY)
    sign_in_again(bench, access)
    bench.pass_time(29 * DAY)
    bench.control("settings", profile="manual")

    well = api.accounts_get(access)["item"]["error"]
    bench.pass_time(DAY)

    assert well is None
    assert refusal(api.accounts_get, access) == (400, "ITEM_LOGIN_REQUIRED")


def test_who_has_left_is_not_asked_to_sign_in(bench: Bench, receiver: Receiver, access: dict[str, str]) -> None:
    change(bench, access, "revoked")
    change(bench, access, "disconnecting")
    change(bench, access, "login_required")
    bench.pass_time(31 * DAY)
    change(bench, access, "repaired")

    assert receiver.codes(2) == ["USER_PERMISSION_REVOKED", "LOGIN_REPAIRED"]


# --- The accounts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["account_revoked", "unshare"])
def test_an_account_is_gone_and_its_tokens_with_it(
    bench: Bench, api: Any, access: dict[str, str], account: str, state: str
) -> None:
    gone, kept = processor_token(api, access, "0000"), processor_token(api, access, "1111")
    asked = {**account_of(api, access, "0000"), "processor": "alpaca"}

    change(bench, access, state, account_id=asked["account_id"])

    assert "0000" not in [account["mask"] for account in api.accounts_get(access)["accounts"]]
    assert refusal(api.processor_auth_get, gone) == DEAD
    assert refusal(api.processor_token_create, asked) == (400, "INVALID_ACCOUNT_ID")
    assert link(bench, account, gone) == 400
    assert api.item_get(access)["item"]["error"] is None
    assert link(bench, account, kept) == 200


def test_only_a_revoked_account_is_told_of(bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]) -> None:
    second = account_of(api, access, "1111")["account_id"]

    change(bench, access, "unshare")
    change(bench, access, "account_revoked", account_id=second)

    said = receiver.next().said
    assert (said["webhook_type"], said["webhook_code"], said["account_id"]) == ("ITEM", "USER_ACCOUNT_REVOKED", second)


def test_what_was_taken_away_can_be_shared_again(bench: Bench, api: Any, access: dict[str, str]) -> None:
    before = account_of(api, access, "0000")["account_id"]
    change(bench, access, "account_revoked")

    frame = Frame(bench, **access, update={"account_selection_enabled": True})
    frame.sign_in(PLATYPUS)
    frame.finish("0000", "1111")

    after = {account["mask"]: account["account_id"] for account in api.accounts_get(access)["accounts"]}
    assert set(after) == {"0000", "1111"}
    assert after["0000"] != before


def test_new_numbers_want_a_new_processor_token(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str], account: str
) -> None:
    old, account_id = processor_token(api, access), account_of(api, access)["account_id"]
    before = api.auth_get(access)["numbers"]["ach"][0]["account"]

    change(bench, access, "new_numbers")

    said = receiver.next().said
    after = api.auth_get(access)["numbers"]["ach"][0]["account"]
    assert (said["webhook_type"], said["webhook_code"]) == ("AUTH", "DEFAULT_UPDATE")
    assert said["account_ids_with_updated_auth"] == {account_id: ["ACCOUNT_NUMBER"]}
    assert (before, after) == ("1111222233330000", "1111222233340000")
    assert api.processor_auth_get(old)["numbers"]["ach"]["account"] == after
    assert link(bench, account, old) == 400
    assert link(bench, account, processor_token(api, access)) == 200


def test_new_accounts_are_told_of(bench: Bench, receiver: Receiver, access: dict[str, str]) -> None:
    change(bench, access, "new_accounts")

    said = receiver.next().said
    assert (said["webhook_type"], said["webhook_code"], said["error"]) == ("ITEM", "NEW_ACCOUNTS_AVAILABLE", None)


# --- Numbers made for one application ---------------------------------------------------------------------------------

FIRST_PLATYPUS, PLATYPUS_OAUTH, CHASE, US_BANK, PNC = PLATYPUS, "ins_127287", "ins_56", "ins_127990", "ins_13"


@pytest.mark.parametrize(
    ("bank", "dead"),
    [(FIRST_PLATYPUS, False), (PLATYPUS_OAUTH, True), (CHASE, True), (US_BANK, False), (PNC, True)],
)
def test_a_token_may_not_outlive_the_access_even_if_it_comes_back(
    bench: Bench, api: Any, account: str, bank: str, dead: bool
) -> None:
    access = item(api, bank=bank)
    token = processor_token(api, access)

    change(bench, access, "revoked")
    change(bench, access, "repaired")

    assert link(bench, account, token) == (400 if dead else 200)
    assert api.processor_auth_get(processor_token(api, access))


@pytest.mark.parametrize(("bank", "dead"), [(FIRST_PLATYPUS, False), (CHASE, False), (PNC, True)])
def test_at_one_bank_a_token_does_not_outlive_an_update(
    bench: Bench, api: Any, account: str, bank: str, dead: bool
) -> None:
    access = item(api, bank=bank)
    token = processor_token(api, access)
    change(bench, access, "login_required")

    sign_in_again(bench, access)

    assert link(bench, account, token) == (400 if dead else 200)
    assert api.processor_auth_get(processor_token(api, access))


# --- Control itself ---------------------------------------------------------------------------------------------------


def test_control_shows_what_it_has_made_of_the_item(bench: Bench, api: Any, access: dict[str, str]) -> None:
    shown = change(bench, access, "unshare").json()

    assert [account["mask"] for account in shown["accounts"]][:2] == ["1111", "2222"]
    assert "1111222233331111" not in str(shown)


@pytest.mark.parametrize(
    ("state", "more", "status"),
    [
        ("moonlit", {}, 400),
        ("unshare", {"account_id": "nobody"}, 404),
        ("verified", {}, 400),
        ("verification_expired", {}, 400),
    ],
)
def test_control_does_no_nonsense(
    bench: Bench, api: Any, access: dict[str, str], state: str, more: dict[str, str], status: int
) -> None:
    answer = change(bench, access, state, **more)

    assert answer.status_code == status
    assert len(api.accounts_get(access)["accounts"]) == 12


@pytest.mark.parametrize("state", ["login_required", "disconnecting"])
def test_nobody_has_to_sign_in_again_who_never_did(bench: Bench, api: Any, state: str) -> None:
    access = by_number(bench)

    assert change(bench, access, state).status_code == 400
    assert api.item_get(access)["item"]["error"] is None


def test_nothing_happens_to_what_was_removed(bench: Bench, api: Any, access: dict[str, str]) -> None:
    item_id = api.item_get(access)["item"]["item_id"]
    api.item_remove(access)

    answer = bench.session.post(
        f"{bench.url}/control/plaid/items/{item_id}", json={"state": "disconnecting"}, timeout=5
    )

    assert (answer.status_code, answer.json()) == (400, {"error": "the Item was removed"})

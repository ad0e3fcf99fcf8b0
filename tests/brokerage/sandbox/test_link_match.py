"""A bank that shows its accounts without their numbers: typed by their owner, and matched, or proved by deposits."""

from typing import Any

import pytest

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.plaid_client import PLATYPUS, account_of, client, refusal
from tests.brokerage.sandbox.plaid_frames import SAME_DAY, Frame, new_link

HOUNDSTOOTH = "ins_109512"
MATCH = {"instant_match_enabled": True}
AUTOMATED = {"automated_microdeposits_enabled": True}


@pytest.fixture
def api(bench: Bench) -> Any:
    return client(bench.url)


def numbers_of(mask: str) -> dict[str, Any]:
    return {"accounts": [mask], "routing": "021000021", "account": f"111122223333{mask}"}


def automated(bench: Bench, webhook: str | None = None) -> Frame:
    """A session that has ended while the deposits are on their way."""
    frame = new_link(bench, auth=MATCH | AUTOMATED, **({"webhook": webhook} if webhook else {}))
    frame.sign_in(HOUNDSTOOTH, "microdeposits_good")
    frame.ask("match", **numbers_of("0000"))
    frame.finish()
    return frame


def test_numbers_that_match_are_good_at_once(bench: Bench, api: Any) -> None:
    frame = new_link(bench, auth=MATCH | AUTOMATED)
    choice = frame.sign_in(HOUNDSTOOTH)
    frame.ask("match", **numbers_of("1111"))
    metadata = frame.finish()
    access = frame.exchange()

    assert (choice["next"], choice["single"], choice["then"]) == ("accounts", True, "match")
    assert [(account["mask"], account["verification_status"]) for account in metadata["accounts"]] == [("1111", None)]
    assert str(api.item_get(access)["item"]["auth_method"]) == "INSTANT_MATCH"
    assert "verification_status" not in api.accounts_get(access)["accounts"][0].to_dict()
    assert api.auth_get(access)["numbers"]["ach"][0]["routing"] == "021000021"
    assert api.processor_token_create({**account_of(api, access, "1111"), "processor": "alpaca"})["processor_token"]


def test_other_numbers_wait_for_deposits_that_the_bank_shows(bench: Bench, api: Any) -> None:
    frame = automated(bench)
    access = frame.exchange()
    early = refusal(api.processor_token_create, {**account_of(api, access), "processor": "alpaca"})

    bench.pass_time(20)

    account = api.accounts_get(access)["accounts"][0]
    assert frame.said["metadata"]["accounts"][0]["verification_status"] == "pending_automatic_verification"
    assert str(api.item_get(access)["item"]["auth_method"]) == "AUTOMATED_MICRODEPOSITS"
    assert early == (400, "PRODUCT_NOT_READY")
    assert account["verification_status"] == "automatically_verified"
    assert api.processor_token_create({**account_of(api, access), "processor": "alpaca"})["processor_token"]


def test_who_signed_in_can_be_read_while_the_deposits_are_on_their_way(bench: Bench, api: Any) -> None:
    access = automated(bench).exchange()

    assert api.accounts_balance_get(access)["accounts"][0]["balances"]["available"] == 100
    assert api.identity_get(access)["accounts"][0]["owners"]


@pytest.mark.parametrize(
    ("profile", "just_before", "seen_at"),
    [
        ("instant", "2026-11-25T15:00:00Z", "2026-11-25T15:00:00Z"),
        ("fast", "2026-11-25T15:00:19Z", "2026-11-25T15:00:20Z"),
        ("realistic", "2026-11-27T13:29:59Z", "2026-11-27T13:30:00Z"),  # after Thanksgiving, at 8:30 in New York
        ("manual", "2026-12-02T14:59:59Z", None),
    ],
)
def test_deposits_are_seen_when_banks_are_that_fast(
    bench: Bench, api: Any, profile: str, just_before: str, seen_at: str | None
) -> None:
    bench.control("clock", now="2026-11-25T15:00:00Z")
    bench.control("settings", profile=profile)
    frame = automated(bench)
    access = frame.exchange()

    bench.control("clock", now=just_before)
    before = api.accounts_get(access)["accounts"][0]["verification_status"]
    bench.control("clock", now=seen_at or "2026-12-02T15:00:00Z")

    after = api.accounts_get(access)["accounts"][0]["verification_status"]
    assert before == ("automatically_verified" if profile == "instant" else "pending_automatic_verification")
    assert after == ("automatically_verified" if seen_at else "verification_expired")


def test_deposits_are_not_seen_by_who_is_signed_out(bench: Bench, api: Any) -> None:
    api.sandbox_item_reset_login(automated(bench, "https://harbor.example/hook").exchange())

    bench.pass_time(60)
    within_a_minute = codes_sent(bench)
    bench.pass_time(7 * 86_400)

    assert within_a_minute == ["ERROR"]
    assert codes_sent(bench) == ["ERROR", "VERIFICATION_EXPIRED"]


def codes_sent(bench: Bench) -> list[str]:
    messages = bench.session.get(f"{bench.url}/control/plaid/webhooks", timeout=5).json()["messages"]
    return [message["payload"]["webhook_code"] for message in messages]


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("verified", "automatically_verified", "AUTOMATICALLY_VERIFIED"),
        ("verification_expired", "verification_expired", "VERIFICATION_EXPIRED"),
    ],
)
def test_control_decides_what_becomes_of_deposits(bench: Bench, api: Any, state: str, status: str, code: str) -> None:
    access = automated(bench, "https://harbor.example/hook").exchange()

    bench.control(f"plaid/items/{api.item_get(access)['item']['item_id']}", state=state)
    bench.pass_time(60)

    assert api.accounts_get(access)["accounts"][0]["verification_status"] == status
    assert codes_sent(bench) == [code]


def test_deposits_are_seen_once_somebody_has_signed_in_again(bench: Bench, api: Any) -> None:
    access = automated(bench).exchange()
    api.sandbox_item_reset_login(access)
    bench.pass_time(60)

    update = Frame(bench, **access)
    update.sign_in(HOUNDSTOOTH)
    repaired = update.finish()
    bench.pass_time(20)

    assert repaired["accounts"][0]["verification_status"] == "pending_automatic_verification"
    assert api.accounts_get(access)["accounts"][0]["verification_status"] == "automatically_verified"


@pytest.mark.parametrize(
    ("auth", "mask", "said"),
    [
        (MATCH | AUTOMATED, "1111", "INSTANT_MATCH"),
        (AUTOMATED, "1111", "AUTOMATED_MICRODEPOSITS"),
        (MATCH | AUTOMATED, "0000", "AUTOMATED_MICRODEPOSITS"),
        (MATCH, "0000", "INSTANT_MATCH_FAILED"),
    ],
)
def test_numbers_are_proved_as_account_and_token_allow_it(
    bench: Bench, api: Any, auth: dict[str, bool], mask: str, said: str
) -> None:
    frame = new_link(bench, auth=auth)
    frame.sign_in(HOUNDSTOOTH)

    frame.ask("match", **numbers_of(mask))

    if "error" in frame.said:
        assert frame.error() == said
    else:
        frame.finish()
        assert str(api.item_get(frame.exchange())["item"]["auth_method"]) == said


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"routing": "110000000"}, "INVALID_ACCOUNT_NUMBER"),
        ({"account": "1111222233331111"}, "INVALID_ACCOUNT_NUMBER"),
        ({"accounts": ["9999"]}, "INVALID_FIELD"),
        ({"accounts": ["0000", "1111"]}, "INVALID_FIELD"),
    ],
)
def test_numbers_of_another_account_prove_nothing(bench: Bench, change: dict[str, Any], code: str) -> None:
    frame = new_link(bench, auth=MATCH | AUTOMATED)
    frame.sign_in(HOUNDSTOOTH)

    frame.ask("match", **{**numbers_of("0000"), **change})
    wrong = frame.error()
    frame.ask("finish", accounts=["0000"])

    assert (wrong, frame.error()) == (code, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("bank", "asked"),
    [
        (HOUNDSTOOTH, {}),
        (HOUNDSTOOTH, {"auth": SAME_DAY}),
        (HOUNDSTOOTH, {"auth": MATCH, "products": ["transactions"], "optional_products": []}),
        (PLATYPUS, {"auth": MATCH | AUTOMATED}),
    ],
)
def test_no_numbers_are_asked_for_elsewhere(bench: Bench, bank: str, asked: dict[str, Any]) -> None:
    frame = new_link(bench, **asked)

    frame.sign_in(bank, "microdeposits_good")

    assert "then" not in frame.said
    assert frame.ask("match", **numbers_of("0000"))["error"]["error_code"] == "INVALID_FIELD"


def test_plaids_own_password_for_deposits_is_good(bench: Bench) -> None:
    frame = new_link(bench, auth=AUTOMATED)

    assert frame.sign_in(HOUNDSTOOTH, "user_good", "microdeposits_good")["then"] == "match"

"""Webhooks leave the sandbox over a real socket, signed as Plaid signs them, until they arrive or a day has passed."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plaid
import pytest

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import signing
from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.plaid_client import client, item
from tests.brokerage.sandbox.plaid_receiver import Receiver, Untrusted, receiving, verify
from tests.harness.waiting import eventually


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


def log(bench: Bench) -> Any:
    return bench.session.get(f"{bench.url}/control/plaid/webhooks", timeout=5).json()["messages"]


def settled(bench: Bench, state: str, attempts: int = 1) -> Any:
    """The last message, once so many attempts at it are noted."""
    return eventually(
        lambda: [row for row in log(bench)[-1:] if row["state"] == state and row["attempts"] == attempts],
        because=f"{state} after {attempts}: {log(bench)}",
    )[0]


def test_a_careful_receiver_believes_it(api: Any, receiver: Receiver, access: dict[str, str]) -> None:
    api.sandbox_item_reset_login(access)

    arrival = receiver.next()
    said = verify(api, arrival)

    assert (said["webhook_type"], said["webhook_code"], said["environment"]) == ("ITEM", "ERROR", "sandbox")
    assert said["item_id"] == api.item_get(access)["item"]["item_id"]
    assert said["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert said["error"]["status"] == 400
    assert arrival.body == json.dumps(said, indent=2).encode()
    assert arrival.headers["content-type"] == "application/json"


def test_the_signature_names_its_key_and_nothing_else(api: Any, receiver: Receiver, access: dict[str, str]) -> None:
    api.sandbox_item_reset_login(access)

    head, claims, _ = (base64.urlsafe_b64decode(part + "==") for part in receiver.next().signature.split("."))

    assert set(json.loads(head)) == {"alg", "kid", "typ"}
    assert set(json.loads(claims)) == {"iat", "request_body_sha256"}


@pytest.mark.parametrize(
    ("mischief", "reason"),
    [
        ("tampered_body", "altered body"),
        ("reformatted_body", "altered body"),
        ("stale_iat", "stale"),
        ("future_iat", "ImmatureSignatureError"),
        ("wrong_alg", "alg HS256"),
        ("forged_signature", "InvalidSignatureError"),
        ("no_signature", "DecodeError"),
    ],
)
def test_a_careful_receiver_turns_it_away(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str], mischief: str, reason: str
) -> None:
    bench.control("settings", webhook_mischief=[mischief])
    api.sandbox_item_reset_login(access)

    with pytest.raises(Untrusted, match=reason):
        verify(api, receiver.next())


def test_a_key_that_nobody_has_cannot_be_fetched(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]
) -> None:
    bench.control("settings", webhook_mischief=["unknown_kid"])
    api.sandbox_item_reset_login(access)

    with pytest.raises(plaid.ApiException, match="INVALID_WEBHOOK_VERIFICATION_KEY_ID"):
        verify(api, receiver.next())


def test_what_was_turned_away_comes_again_sound(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]
) -> None:
    receiver.statuses[:] = [401]
    bench.control("settings", webhook_mischief=["tampered_body"])
    api.sandbox_item_reset_login(access)
    receiver.next()
    settled(bench, "PENDING")

    bench.pass_time(30)

    assert verify(api, receiver.next())["webhook_code"] == "ERROR"


def test_a_new_key_signs_and_the_old_one_can_still_be_fetched(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]
) -> None:
    api.sandbox_item_reset_login(access)
    before = receiver.next()

    bench.control("plaid/webhook-keys", action="rotate")
    api.item_webhook_update({**access, "webhook": receiver.url})
    after = receiver.next()

    assert verify(api, after)["webhook_code"] == "WEBHOOK_UPDATE_ACKNOWLEDGED"
    assert verify(api, before)["webhook_code"] == "ERROR"
    assert before.signature.split(".")[0] != after.signature.split(".")[0]


def test_an_expired_key_says_so(bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]) -> None:
    bench.control("plaid/webhook-keys", action="expire")
    api.sandbox_item_reset_login(access)

    with pytest.raises(Untrusted, match="expired key"):
        verify(api, receiver.next())


def test_retries_wait_four_times_as_long_each_time_for_a_day(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]
) -> None:
    receiver.statuses[:] = [500] * 20
    api.sandbox_item_reset_login(access)
    receiver.next()

    for attempt in range(1, 7):
        settled(bench, "PENDING", attempt)
        bench.pass_time(30 * 4 ** (attempt - 1) - 1)
        assert receiver.is_quiet
        bench.pass_time(1)
        receiver.next()

    assert settled(bench, "FAILED", 7)["last_status"] == 500


def test_only_a_200_will_do(bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]) -> None:
    receiver.statuses[:] = [204]
    api.sandbox_item_reset_login(access)

    assert settled(bench, "PENDING")["last_status"] == 204


def test_a_receiver_that_is_not_there_is_tried_again(bench: Bench, api: Any) -> None:
    api.sandbox_item_reset_login(item(api, webhook="http://127.0.0.1:1/hook"))

    assert settled(bench, "PENDING")["trouble"] == "ConnectionRefusedError"


def test_a_webhook_may_come_twice(bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]) -> None:
    bench.control("settings", webhook_mischief=["duplicate"])
    api.sandbox_item_reset_login(access)

    assert receiver.next().body == receiver.next().body


def test_a_webhook_may_be_overtaken(bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]) -> None:
    bench.control("settings", webhook_mischief=["out_of_order"])
    api.sandbox_item_reset_login(access)
    api.item_webhook_update({**access, "webhook": receiver.url})

    assert receiver.codes(2) == ["WEBHOOK_UPDATE_ACKNOWLEDGED", "ERROR"]


def test_no_other_host_is_called(bench: Bench, api: Any) -> None:
    api.sandbox_item_reset_login(item(api, webhook="https://plaid.com/foo/bar/hook"))

    row = log(bench)[-1]
    assert (row["state"], row["attempts"]) == ("SUPPRESSED", 0)


def test_another_host_is_called_when_it_is_named(bench: Bench, api: Any) -> None:
    bench.control("settings", webhook_hosts=["harbor.invalid"])

    api.sandbox_item_reset_login(item(api, webhook="http://harbor.invalid/hook"))

    assert settled(bench, "PENDING")["trouble"]


def test_a_change_of_address_is_told_at_the_new_one(api: Any, receiver: Receiver) -> None:
    access = item(api, webhook="http://127.0.0.1:1/hook")

    api.item_webhook_update({**access, "webhook": receiver.url})

    said = verify(api, receiver.next())
    assert (said["webhook_code"], said["new_webhook_url"]) == ("WEBHOOK_UPDATE_ACKNOWLEDGED", receiver.url)


@pytest.mark.parametrize(
    ("code", "kind", "fields"),
    [
        ("DEFAULT_UPDATE", "AUTH", {"account_ids_with_new_auth", "account_ids_with_updated_auth", "error"}),
        ("SMS_MICRODEPOSITS_VERIFICATION", None, {"account_id", "status"}),
        ("PENDING_DISCONNECT", None, {"reason", "disconnect_time"}),
        ("USER_PERMISSION_REVOKED", None, {"error"}),
        ("USER_ACCOUNT_REVOKED", None, {"account_id"}),
        ("NEW_ACCOUNTS_AVAILABLE", None, {"error"}),
        ("LOGIN_REPAIRED", None, set()),
    ],
)
def test_any_webhook_can_be_fired(
    api: Any, receiver: Receiver, access: dict[str, str], code: str, kind: str | None, fields: set[str]
) -> None:
    api.sandbox_item_fire_webhook({**access, "webhook_code": code, **({"webhook_type": kind} if kind else {})})

    said = verify(api, receiver.next())
    assert set(said) == {"webhook_type", "webhook_code", "item_id", "environment"} | fields
    assert said["webhook_code"] == code


def test_a_word_that_is_not_in_any_list_can_be_sent_by_hand(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]
) -> None:
    item_id = api.item_get(access)["item"]["item_id"]

    bench.control("plaid/webhooks", item_id=item_id, webhook_type="ITEM", webhook_code="MOON_PHASE", phase="full")

    assert verify(api, receiver.next())["phase"] == "full"


def test_the_key_outlives_a_restart(tmp_path: Path) -> None:
    kids = []

    for _ in range(2):
        books = Books(str(tmp_path / "kept.sqlite3"))
        kids.append(signing.present(books)["kid"])
        books.close()

    assert kids[0] == kids[1]


def test_the_well_known_key_is_the_present_one(bench: Bench, api: Any) -> None:
    kid = {"key_id": "6c5516e1-92dc-479e-a8ff-5a51992e0001"}
    before = api.webhook_verification_key_get(kid)["key"]

    bench.control("plaid/webhook-keys", action="rotate")

    after = api.webhook_verification_key_get(kid)["key"]
    assert before["kid"] == after["kid"] == kid["key_id"]
    assert before["x"] != after["x"]


def test_the_list_tells_what_arrived_page_by_page(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]
) -> None:
    api.sandbox_item_reset_login(access)
    api.item_webhook_update({**access, "webhook": receiver.url})
    receiver.codes(2)
    settled(bench, "DELIVERED")

    first = api.beta_webhook_events_list({"count": 1})
    second = api.beta_webhook_events_list({"count": 1, "cursor": first["next_cursor"]})
    errors = api.beta_webhook_events_list({"webhook_codes": ["ERROR"], "delivery_statuses": ["DELIVERED"]})

    assert (first["has_more"], second["has_more"]) == (True, False)
    assert [page["webhook_events"][0]["webhook_code"] for page in (first, second)] == [
        "ERROR",
        "WEBHOOK_UPDATE_ACKNOWLEDGED",
    ]
    assert [event["last_http_status_code"] for event in errors["webhook_events"]] == [200]

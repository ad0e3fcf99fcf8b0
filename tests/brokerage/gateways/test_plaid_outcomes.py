"""Every way in which one request to Plaid can end, and that it is one request whatever comes back."""

import json
import logging
import socket
import traceback
from collections.abc import Callable
from contextlib import closing

import pytest
from django.db import transaction
from pytest_django import Settings

from brokerage.gateways import plaid
from brokerage.gateways.errors import CalledInsideTransaction, NotSent, OutcomeUnknown, Refused, VendorError, patience
from tests.brokerage.gateways.vendor import Act, Vendor, answer, cut, message, reset, silence, trickle

PUBLIC, ACCESS, PROCESSOR = "public-sandbox-canary", "access-sandbox-canary", "processor-sandbox-canary"
ERROR = {
    "error_type": "INVALID_INPUT",
    "error_code": "INVALID_PUBLIC_TOKEN",
    "error_message": f"the token {PUBLIC} is not known",
    "display_message": "Link your bank once more",
}
HTML = "<html><h1>Something stands between</h1></html>"
YES = message(200, {"access_token": ACCESS, "item_id": "an item"})


def ask() -> plaid.Exchange:
    return plaid.exchange_public_token(PUBLIC)


# --- What Plaid is asked ----------------------------------------------------------------------------------------------


def test_a_new_login_is_to_tell_of_itself_to_us(vendor: Vendor, settings: Settings) -> None:
    settings.PLAID_WEBHOOK_URL = "https://site.example/webhooks/plaid/"
    vendor.says(answer(200, {"link_token": "link-sandbox-x", "expiration": "2026-11-29T12:00:00Z"}))

    plaid.create_link_token(user_id="somebody", client_name="Brokerage")

    assert json.loads(vendor.asked[0].body)["webhook"] == settings.PLAID_WEBHOOK_URL


# --- What Plaid says --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_plaids_own_refusal_is_a_refusal(vendor: Vendor, status: int) -> None:
    vendor.says(answer(status, ERROR))

    with pytest.raises(Refused) as refusal:
        ask()

    assert (refusal.value.code, refusal.value.reason) == ("INVALID_PUBLIC_TOKEN", "Link your bank once more")
    assert refusal.value.http_status == status
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 404])
@pytest.mark.parametrize("body", [HTML, "", ["error_code"], "null", b"\xff\xfe{", "[" * 200_000, {"error_code": None}])
def test_a_refusal_that_is_not_plaids_tells_nothing(vendor: Vendor, status: int, body: object) -> None:
    vendor.says(answer(status, body))

    with pytest.raises(OutcomeUnknown):
        ask()

    assert len(vendor.asked) == 1


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "1"}])
def test_plaid_asking_us_to_slow_down_has_done_nothing(vendor: Vendor, headers: dict[str, str]) -> None:
    vendor.says(answer(429, ERROR | {"error_code": "RATE_LIMIT_EXCEEDED"}, **headers))

    with pytest.raises(NotSent) as later:
        ask()

    assert later.value.code == "RATE_LIMIT_EXCEEDED"
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [ERROR, HTML])
def test_any_other_answer_leaves_the_outcome_unknown(vendor: Vendor, status: int, body: object) -> None:
    vendor.says(answer(status, body, Location=f"{vendor.url}/elsewhere", Retry_After="1"))

    with pytest.raises(OutcomeUnknown) as doubt:
        ask()

    assert doubt.value.http_status == status
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'{"access_token": null, "item_id": "x"}',
        b'{"access_token": "x"}',
        b'{"access_token": 5, "item_id": "x"}',
        b"\x00\xff\xfe",
        HTML.encode(),
        b"[" * 200_000,
        b'{"access_token": "x", "item_id": "' + b"x" * 1024 * 1024 + b'"}',
    ],
)
def test_a_yes_without_what_we_asked_for_leaves_the_outcome_unknown(vendor: Vendor, body: bytes) -> None:
    vendor.says(answer(200, body))

    with pytest.raises(OutcomeUnknown):
        ask()

    assert len(vendor.asked) == 1


def test_an_answer_with_words_we_do_not_know_is_accepted(vendor: Vendor) -> None:
    vendor.says(answer(200, {"access_token": ACCESS, "item_id": "an item", "horoscope": [None], "request_id": None}))

    assert ask() == plaid.Exchange(access_token=ACCESS, plaid_item_id="an item")


# --- What becomes of the connection -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        reset(),
        reset(YES[:20]),
        reset(YES[:-5]),
        cut(b""),
        cut(YES[:-5]),
        cut(b"nonsense\r\n\r\n"),
        cut(message(200, b"not gzip at all", Content_Encoding="gzip")),
        reset(message(400, ERROR)[:-5]),
    ],
    ids=["reset", "in the head", "in the body", "closed", "truncated", "no HTTP", "no gzip", "in a refusal"],
)
def test_an_answer_that_breaks_off_leaves_the_outcome_unknown(vendor: Vendor, act: Act) -> None:
    vendor.says(act)

    with pytest.raises(OutcomeUnknown):
        ask()

    assert len(vendor.asked) == 1


@pytest.mark.parametrize("said", [b"", YES[:20], YES[:-5]])
def test_plaid_falling_silent_leaves_the_outcome_unknown(vendor: Vendor, said: bytes) -> None:
    vendor.says(silence(said))

    with pytest.raises(OutcomeUnknown), patience(1):
        ask()

    assert len(vendor.asked) == 1


@pytest.mark.slow
@pytest.mark.parametrize("status", [200, 400])
def test_an_answer_that_trickles_past_the_deadline_leaves_the_outcome_unknown(vendor: Vendor, status: int) -> None:
    vendor.says(trickle(message(status, b" " * 100_000).removesuffix(b" " * 100_000)))

    with pytest.raises(OutcomeUnknown, match="took too long"), patience(3):
        ask()


def test_nothing_is_sent_where_nobody_listens(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.PLAID_BASE_URL = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(NotSent):
        ask()


def test_nothing_is_sent_to_a_name_without_an_address(settings: Settings) -> None:
    settings.PLAID_BASE_URL = "http://plaid.invalid"

    with pytest.raises(NotSent):
        ask()


def test_nothing_is_sent_where_no_tls_is_spoken(settings: Settings) -> None:
    with closing(Vendor(greeting=b"220 this is a mail server\r\n")) as vendor:
        settings.PLAID_BASE_URL = vendor.url.replace("http:", "https:")

        with pytest.raises(NotSent), patience(1):
            ask()


@pytest.mark.django_db
def test_no_socket_is_opened_inside_a_transaction(vendor: Vendor) -> None:
    with pytest.raises(CalledInsideTransaction), transaction.atomic():
        ask()

    assert vendor.connections == 0


# --- What is told of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        answer(400, ERROR),
        answer(500, ERROR),
        answer(429, ERROR),
        answer(200, f"<h1>{PUBLIC}</h1>"),
        answer(302, "", Location="https://plaid.com/?" + PUBLIC),
        cut(message(200, {"access_token": ACCESS})[:-5]),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        lambda: plaid.exchange_public_token(PUBLIC),
        lambda: plaid.get_accounts(ACCESS, plaid_item_id="an item"),
        lambda: plaid.create_processor_token(access_token=ACCESS, plaid_account_id="an account"),
        lambda: plaid.remove_item(ACCESS),
    ],
    ids=["exchange", "accounts", "processor", "remove"],
)
def test_no_error_tells_a_token(vendor: Vendor, act: Act, call: Callable[[], object]) -> None:
    vendor.says(act)

    with pytest.raises(VendorError) as fault:
        call()

    told = "".join(traceback.format_exception(fault.value))
    assert "canary" not in f"{told} {fault.value.evidence}"


def test_an_exchange_does_not_show_its_token(vendor: Vendor) -> None:
    vendor.says(answer(200, {"access_token": ACCESS, "item_id": "an item"}))

    exchange = ask()

    assert exchange.access_token == ACCESS
    assert "canary" not in f"{exchange!r} {exchange} {[exchange]}"


# --- How loudly we say so ---------------------------------------------------------------------------------------------


def levels(caplog: pytest.LogCaptureFixture) -> set[str]:
    return {record.levelname for record in caplog.records if record.levelno > logging.INFO}


@pytest.mark.parametrize("body", [HTML, "", "null", '"yes"', "{", "[]"])
def test_an_answer_that_makes_no_sense_is_reported(vendor: Vendor, caplog: pytest.LogCaptureFixture, body: str) -> None:
    vendor.says(answer(200, body))

    with pytest.raises(OutcomeUnknown):
        ask()

    assert levels(caplog) == {"WARNING"}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_plaid_that_is_away_is_everyday(vendor: Vendor, caplog: pytest.LogCaptureFixture, status: int) -> None:
    vendor.says(answer(status, ERROR))

    with pytest.raises(VendorError):
        ask()

    assert levels(caplog) == set()


ONE_ACCOUNT = {"access_token": ACCESS, "plaid_account_id": "an account"}


@pytest.mark.parametrize("accounts", [[{"account_id": "another account"}], [], None, [None, 7]], ids=str)
@pytest.mark.parametrize(
    "read",
    [
        lambda: plaid.match_owner(legal_name="Ada Okafor", **ONE_ACCOUNT),
        lambda: plaid.get_owner_names(**ONE_ACCOUNT),
        lambda: plaid.get_balance(**ONE_ACCOUNT),
    ],
    ids=["match", "names", "balance"],
)
def test_an_answer_about_another_account_is_none_and_an_alarm(
    vendor: Vendor, caplog: pytest.LogCaptureFixture, read: Callable[[], object], accounts: object
) -> None:
    vendor.says(answer(200, {"accounts": accounts}))

    with pytest.raises(OutcomeUnknown):
        read()

    assert levels(caplog) == {"ERROR"}


# --- Accounts ---------------------------------------------------------------------------------------------------------


def test_accounts_are_read_however_little_is_told_of_them(vendor: Vendor) -> None:
    rows = [
        {"account_id": "one", "name": "Checking", "mask": "0000", "type": "depository", "subtype": "checking"},
        {"account_id": "two", "name": None, "mask": None, "type": "crypto exchange"},
        {"account_id": None, "name": "no id"},
        "no row",
    ]
    vendor.says(answer(200, {"accounts": rows, "item": None}))

    found = plaid.get_accounts(ACCESS, plaid_item_id="an item")

    assert [account.plaid_account_id for account in found.accounts] == ["one", "two"]
    assert (found.institution_id, found.institution_name) == ("", "")


@pytest.mark.parametrize(
    ("kind", "subtype", "can"),
    [
        ("depository", "checking", True),
        ("depository", "savings", True),
        ("depository", "cd", False),
        ("depository", "money market", False),
        ("credit", "credit card", False),
        ("loan", "checking", False),
        ("", "", False),
    ],
)
def test_only_checking_and_savings_can_move_money(kind: str, subtype: str, can: bool) -> None:
    account = plaid.BankAccount(plaid_account_id="x", name="", mask="", kind=kind, subtype=subtype)

    assert account.can_transfer is can

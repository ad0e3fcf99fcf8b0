"""Every way in which a call about an account can end, and that each write is sent once whatever comes back."""

import io
import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from brokerage.gateways import broker_accounts, broker_documents, broker_portfolio
from brokerage.gateways.errors import CalledInsideTransaction, NotSent, OutcomeUnknown, Refused, patience
from tests.brokerage.gateways.vendor import Act, Vendor, answer, cut, message, reset, silence

Call = Callable[[], object]
ERROR = {"code": 42210000, "message": "phone_number is malformed"}
HTML = "<html><h1>Something stands between</h1></html>"


def upload() -> None:
    broker_documents.upload_document(
        "acc", kind="identity_verification", sub_kind="", content=io.BytesIO(b"x" * 99), size=99, mime_type="image/png"
    )


def fetch() -> bytes:
    with broker_documents.open_document("acc", "doc") as file:
        return b"".join(file.pieces)


READS: dict[str, Call] = {
    "get": lambda: broker_accounts.get_account("acc"),
    "find": lambda: broker_accounts.find_accounts("ada@example.com"),
    "list": broker_accounts.list_accounts,
    "balances": lambda: broker_accounts.get_balances("acc"),
    "documents": lambda: broker_documents.list_documents("acc"),
    "positions": lambda: broker_portfolio.list_positions("acc"),
    "history": lambda: broker_portfolio.value_history("acc"),
    "document": fetch,
}
WRITES: dict[str, Call] = {
    "create": lambda: broker_accounts.create_account({}),
    "update": lambda: broker_accounts.update_account("acc", {}),
    "close": lambda: broker_accounts.close_account("acc"),
    "upload": upload,
}
CALLS = READS | WRITES
# These are answered with nothing when all went well, so nothing is no doubt.
ANSWERED_WITH_NOTHING = {"close", "upload"}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_the_brokers_own_refusal_is_a_refusal(vendor: Vendor, name: str, status: int) -> None:
    vendor.says(answer(status, ERROR))

    with pytest.raises(Refused) as refusal:
        CALLS[name]()

    assert (refusal.value.http_status, refusal.value.reason) == (status, "phone_number is malformed")
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(("status", "body"), [(409, ERROR), (404, '"not found"'), (401, ""), (500, ERROR), (502, HTML)])
def test_any_other_no_leaves_the_outcome_unknown(vendor: Vendor, name: str, status: int, body: object) -> None:
    vendor.says(answer(status, body))

    with pytest.raises(OutcomeUnknown) as doubt:
        CALLS[name]()

    assert doubt.value.http_status == status
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("name", CALLS)
def test_a_broker_that_asks_us_to_slow_down_has_done_nothing(vendor: Vendor, name: str) -> None:
    vendor.says(answer(429, HTML))

    with pytest.raises(NotSent):
        CALLS[name]()

    assert len(vendor.asked) == 1


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_sent_where_nobody_listens(settings: Settings, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.BROKER_BASE_URL = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(NotSent):
        CALLS[name]()


YES = message(200, {"id": "acc", "timestamp": [], "equity": []})


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("act", [reset(), reset(YES[:-5]), cut(b""), cut(YES[:-5]), silence(), silence(YES[:-5])])
def test_an_answer_that_breaks_off_leaves_the_outcome_unknown(vendor: Vendor, name: str, act: Act) -> None:
    vendor.says(act)

    with pytest.raises(OutcomeUnknown), patience(1):
        CALLS[name]()

    assert len(vendor.asked) == 1


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("body", [HTML, b"{", b'[{"id": "acc"', b"\x00\xff", b"[" * 200_000])
def test_a_yes_that_is_no_json_leaves_the_outcome_unknown(vendor: Vendor, name: str, body: Any) -> None:
    vendor.says(answer(200, body))

    with pytest.raises(OutcomeUnknown):
        CALLS[name]()


@pytest.mark.parametrize("name", sorted(CALLS.keys() - ANSWERED_WITH_NOTHING))
@pytest.mark.parametrize("said", [answer(204), answer(200, b""), answer(200, b"null"), answer(200, b'"yes"')])
def test_a_yes_that_tells_nothing_leaves_the_outcome_unknown(vendor: Vendor, name: str, said: Act) -> None:
    vendor.says(said)

    with pytest.raises(OutcomeUnknown):
        CALLS[name]()


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"list"}))
def test_an_answer_above_one_mebibyte_is_not_read_to_its_end(vendor: Vendor, name: str) -> None:
    vendor.says(answer(500, b'{"code": 1, "x": "' + b"x" * 1024 * 1024 + b'"}'))

    with pytest.raises(OutcomeUnknown, match="larger than 1 MiB"):
        CALLS[name]()


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"list", "document"}))
def test_a_yes_above_one_mebibyte_is_not_read_to_its_end(vendor: Vendor, name: str) -> None:
    vendor.says(answer(200, b'{"id": "acc", "x": "' + b"x" * 1024 * 1024 + b'"}'))

    with pytest.raises(OutcomeUnknown, match="larger than 1 MiB"):
        CALLS[name]()


@pytest.mark.django_db
@pytest.mark.parametrize("name", CALLS)
def test_no_socket_is_opened_inside_a_transaction(vendor: Vendor, name: str) -> None:
    with pytest.raises(CalledInsideTransaction), transaction.atomic():
        CALLS[name]()

    assert vendor.connections == 0


@pytest.mark.parametrize("name", READS)
def test_a_token_that_has_just_died_is_replaced_for_a_read(vendor: Vendor, settings: Settings, name: str) -> None:
    settings.BROKER_CREDENTIALS, settings.BROKER_API_KEY = "client_credentials", f"a key for {name}"
    vendor.says(answer(200, {"access_token": "t", "expires_in": 899}), answer(401, ERROR),
                answer(200, {"access_token": "u", "expires_in": 899}), answer(422, ERROR))  # fmt: skip

    with pytest.raises(Refused) as refusal:
        CALLS[name]()

    assert refusal.value.http_status == 422
    assert len(vendor.asked) == 4


@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_not_repeated_for_a_token_that_has_died(vendor: Vendor, settings: Settings, name: str) -> None:
    settings.BROKER_CREDENTIALS, settings.BROKER_API_KEY = "client_credentials", f"a key for {name}"
    vendor.says(answer(200, {"access_token": "t", "expires_in": 899}), answer(401, ERROR))

    with pytest.raises(Refused):
        CALLS[name]()

    assert len(vendor.asked) == 2

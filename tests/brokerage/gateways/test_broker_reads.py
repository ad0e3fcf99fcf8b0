"""Reads that tell nothing: what is our fault raises an alarm, what makes no sense is reported, the rest is patience."""

import logging
from collections.abc import Callable, Sized
from contextlib import nullcontext
from typing import Any

import pytest

from brokerage.gateways import broker, broker_accounts, broker_documents, broker_portfolio
from brokerage.gateways.errors import OutcomeUnknown, VendorError
from tests.brokerage.gateways import streams
from tests.brokerage.gateways.vendor import Vendor, answer

ERROR = {"code": 40010001, "message": "no"}


def events() -> list[Any]:
    return streams.funding_events(since="0" * 26, until="1" * 26)


def read_document() -> bytes:
    with broker_documents.open_document("an account", "a document") as file:
        return b"".join(file.pieces)


READS: dict[str, Callable[[], object]] = {
    "account": lambda: broker_accounts.get_account("an account"),
    "accounts": lambda: broker_accounts.find_accounts("ada@example.com"),
    "balances": lambda: broker_accounts.get_balances("an account"),
    "all accounts": broker_accounts.list_accounts,
    "documents": lambda: broker_documents.list_documents("an account"),
    "document": read_document,
    "positions": lambda: broker_portfolio.list_positions("an account"),
    "history": lambda: broker_portfolio.value_history("an account"),
    "relationships": lambda: broker.list_relationships("an account"),
    "transfers": lambda: broker.list_transfers("an account"),
    "stream": events,
}


@pytest.fixture(params=READS)
def read(request: pytest.FixtureRequest) -> Callable[[], object]:
    return READS[request.param]


def levels(caplog: pytest.LogCaptureFixture) -> set[str]:
    return {record.levelname for record in caplog.records if record.levelno > logging.INFO}


@pytest.mark.parametrize(
    ("status", "body"), [(400, ERROR), (401, ERROR), (403, ERROR), (404, ERROR), (422, ERROR), (401, ""), (403, "<h1>")]
)
def test_a_read_that_is_refused_raises_an_alarm(
    vendor: Vendor, caplog: pytest.LogCaptureFixture, read: Callable[[], object], status: int, body: object
) -> None:
    vendor.says(answer(status, body))

    with pytest.raises(VendorError):
        read()

    assert levels(caplog) == {"ERROR"}


@pytest.mark.parametrize("body", ["<h1>", "", "null", '"yes"', "{"])
def test_a_read_that_makes_no_sense_is_reported(
    vendor: Vendor, caplog: pytest.LogCaptureFixture, read: Callable[[], object], body: str
) -> None:
    vendor.says(answer(200, body))

    with pytest.raises(VendorError):
        read()

    assert levels(caplog) == {"WARNING"}


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 504])
def test_a_broker_that_is_away_is_everyday(
    vendor: Vendor, caplog: pytest.LogCaptureFixture, read: Callable[[], object], status: int
) -> None:
    vendor.says(answer(status, ERROR))

    with pytest.raises(VendorError):
        read()

    assert levels(caplog) == set()


# --- About another ----------------------------------------------------------------------------------------------------

CASH = {"cash": "1000000.00", "cash_withdrawable": "1000000.00"}


@pytest.mark.parametrize("read", [broker_accounts.get_account, broker_accounts.get_balances])
def test_the_figures_of_another_account_are_not_taken(
    vendor: Vendor, caplog: pytest.LogCaptureFixture, read: Callable[[str], object]
) -> None:
    vendor.says(answer(200, {"id": "another account", "status": "ACTIVE", **CASH}))

    with pytest.raises(OutcomeUnknown):
        read("an account")

    assert "ERROR" in levels(caplog)


@pytest.mark.parametrize("read", [broker.list_relationships, broker.list_transfers])
def test_a_row_of_another_account_is_listed_with_an_alarm(
    vendor: Vendor, caplog: pytest.LogCaptureFixture, read: Callable[[str], Sized]
) -> None:
    rows = [{"id": "1", "account_id": "another account"}, {"id": "2", "account_id": "an account"}, {"id": "3"}]
    vendor.says(answer(200, rows), answer(200, []))

    assert len(read("an account")) == 3

    assert [record.levelname for record in caplog.records if record.levelno > logging.INFO] == ["ERROR"]


DELETIONS: list[Callable[[], object]] = [
    lambda: broker.cancel_transfer(account_id="an account", transfer_id="ours"),
    lambda: broker.delete_relationship(account_id="an account", relationship_id="ours"),
]


@pytest.mark.parametrize("delete", DELETIONS, ids=["transfer", "relationship"])
@pytest.mark.parametrize(
    ("said", "is_yes", "alarm"),
    [
        (b"", True, set()),
        ({}, True, set()),
        ({"id": "ours", "account_id": "an account"}, True, set()),
        ({"id": "ours", "account_id": "another account"}, True, {"ERROR"}),
        ({"id": "another"}, False, {"ERROR"}),
        ([], True, set()),
    ],
)
def test_the_deletion_of_another_is_no_yes(
    vendor: Vendor,
    caplog: pytest.LogCaptureFixture,
    delete: Callable[[], object],
    said: object,
    is_yes: bool,
    alarm: set[str],
) -> None:
    vendor.says(answer(200, said))

    with nullcontext() if is_yes else pytest.raises(OutcomeUnknown):
        delete()

    assert levels(caplog) == alarm

"""Reads that tell nothing: what is our fault raises an alarm, what makes no sense is reported, the rest is patience."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from brokerage.gateways import broker
from brokerage.gateways.errors import VendorError
from tests.brokerage.gateways.vendor import Vendor, answer

ERROR = {"code": 40010001, "message": "no"}


def events() -> list[Any]:
    return list(broker.funding_events(since="0" * 26, until="1" * 26))


READS: dict[str, Callable[[], object]] = {
    "account": lambda: broker.get_account("an account"),
    "accounts": lambda: broker.find_accounts("ada@example.com"),
    "cash": lambda: broker.get_cash("an account"),
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

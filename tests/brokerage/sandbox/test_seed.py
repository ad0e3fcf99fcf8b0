"""Customers made in one call, and the books read back whole."""

import json
from typing import Any

import requests

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.invariants import check

ADA = {
    "email": "ada@example.com",
    "cash": "100.00",
    "link": {},
    "transfers": [
        {"amount": "10.00", "status": "COMPLETE"},
        {"amount": "20.00", "status": "RETURNED", "code": "R10"},
        {"amount": "30.00", "direction": "OUTGOING", "status": "SENT_TO_CLEARING"},
        {"amount": "40.00"},
    ],
}
GRACE = {
    "given_name": "Grace",
    "family_name": "Hopper",
    "status": "ACTION_REQUIRED",
    "link": {"status": "REJECTED", "reason": "no"},
}


def test_customers_are_made_in_one_call(bench: Bench) -> None:
    ada, grace = bench.control("seed", customers=[ADA, GRACE])["customers"]

    shown = bench.trading_account(ada["account_id"])
    assert [transfer["status"] for transfer in ada["transfers"]] == [
        "COMPLETE",
        "RETURNED",
        "SENT_TO_CLEARING",
        "QUEUED",
    ]
    assert (shown["cash"], shown["cash_withdrawable"], shown["status"]) == ("110", "80", "ACTIVE")
    state = bench.state()
    assert [account["status"] for account in state["accounts"]] == ["ACTIVE", "ACTION_REQUIRED"]
    assert {row["account_id"]: row["status"] for row in state["relationships"]} == {
        ada["account_id"]: "APPROVED",
        grace["account_id"]: "REJECTED",
    }
    check(bench)


def test_a_seed_that_is_refused_leaves_nothing(bench: Bench) -> None:
    too_much: dict[str, Any] = {"link": {}, "transfers": [{"amount": "5.00", "direction": "OUTGOING"}]}

    refused = [seed(bench, [ADA, bad]) for bad in (too_much, {"transfers": [{"amount": "5.00"}]}, {"colour": "red"})]

    assert [answer.status_code for answer in refused] == [400, 400, 400]
    assert "withdrawable" in refused[0].text
    assert bench.state()["accounts"] == []


def test_a_dump_holds_every_row_and_no_secret(bench: Bench) -> None:
    bench.control("seed", customers=[ADA])

    dumped = bench.session.get(f"{bench.url}/control/dump", timeout=5).json()

    assert {"accounts", "relationships", "transfers", "activities", "events", "timers", "items"} <= set(dumped)
    assert len(dumped["transfers"]) == 4
    assert not any(secret in json.dumps(dumped) for secret in ("1111222233330000", "444-55", "ada@example.com"))


def seed(bench: Bench, customers: list[Any]) -> requests.Response:
    return bench.session.post(f"{bench.url}/control/seed", json={"customers": customers}, timeout=5)

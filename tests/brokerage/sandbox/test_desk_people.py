"""What the desk does to brokerage accounts, each time with an event that tells what changed."""

from typing import Any

import pytest

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.desk_hand import Desk


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return Desk(bench)


def last_event(bench: Bench) -> Any:
    event = bench.state()["events"][-1]
    return {name: event[name] for name in event if name not in ("event_ulid", "at", "account_id", "account_number")}


def status(bench: Bench, account_id: str) -> str:
    shown: str = bench.broker("GET", f"v1/accounts/{account_id}").json()["status"]
    return shown


@pytest.mark.parametrize("decision", ["APPROVED", "ACTIVE", "REJECTED", "SUBMITTED"])
def test_an_application_is_decided(desk: Desk, bench: Bench, decision: str) -> None:
    account_id = bench.open_account(active=False, family_name="Onboarding")

    desk.press(f"accounts/{account_id}", do=decision)

    event = last_event(bench)
    assert (event["status_from"], event["status_to"]) == ("ONBOARDING", decision)
    assert status(bench, account_id) == decision


def test_a_chosen_document_is_asked_for(desk: Desk, bench: Bench) -> None:
    account_id = bench.open_account(active=False, family_name="Pending")

    desk.press(f"accounts/{account_id}", do="ask", code="SELFIE_VERIFICATION")

    assert last_event(bench)["kyc_results"]["indeterminate"] == {"SELFIE_VERIFICATION": {}}
    assert status(bench, account_id) == "ACTION_REQUIRED"


@pytest.mark.parametrize("flag", ["account_blocked", "trading_blocked", "transfers_blocked"])
def test_a_block_is_set_and_lifted(desk: Desk, bench: Bench, account: str, flag: str) -> None:
    for way, blocked in (("set", True), ("lift", False)):
        page = desk.press(f"accounts/{account}", do="change", what=f"{flag} {way}")

        assert last_event(bench) == {flag: blocked}
        assert bench.trading_account(account)[flag] is blocked
        assert ("Done: block" in page) is blocked


@pytest.mark.parametrize("flag", ["incoming_transfers_blocked", "outgoing_transfers_blocked"])
def test_one_way_of_money_is_blocked(desk: Desk, bench: Bench, account: str, flag: str) -> None:
    desk.press(f"accounts/{account}", do="change", what=f"{flag} set")

    assert last_event(bench) == {"admin_configurations": {flag: True}}
    assert bench.trading_account(account)["admin_configurations"][flag] is True


@pytest.mark.parametrize("reason", ["ach_return", "position_to_equity_ratio", "unspecified"])
def test_an_account_is_restricted_with_a_reason_and_let_go(desk: Desk, bench: Bench, account: str, reason: str) -> None:
    for way, stands in (("set", True), ("lift", False)):
        desk.press(f"accounts/{account}", do="change", what=f"{reason} {way}")

        reasons = bench.trading_account(account)["admin_configurations"]["restrict_to_liquidation_reasons"]
        assert last_event(bench) == {"admin_configurations": {"restrict_to_liquidation_reasons": {reason: stands}}}
        assert [name for name, value in reasons.items() if value] == [reason] * stands


def test_an_account_is_closed(desk: Desk, bench: Bench, account: str) -> None:
    desk.press(f"accounts/{account}", do="close")

    assert last_event(bench)["status_to"] == "ACCOUNT_CLOSED"
    assert status(bench, account) == "ACCOUNT_CLOSED"


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "REJECTED"}, {"do": "ask", "code": "PEP"}, {"do": "change", "what": "trading_blocked lift"},
        {"do": "change", "what": "sleep set"}, {"do": "ABDUCTED"}, {},
    ],
)  # fmt: skip
def test_what_makes_no_sense_now_is_not_done(desk: Desk, bench: Bench, account: str, fields: dict[str, str]) -> None:
    before = bench.state()["events"]

    page = desk.press(f"accounts/{account}", **fields)

    assert "it has changed in the meantime" in page
    assert bench.state()["events"] == before


def test_control_restricts_and_shows_it(bench: Bench, account: str) -> None:
    shown = bench.control(f"accounts/{account}", restrict={"unspecified": True}, flags={"trading_blocked": True})

    answer = bench.session.post(f"{bench.url}/control/accounts/{account}", json={"restrict": {"mood": True}}, timeout=5)

    assert shown["restrict"] == {"ach_return": False, "position_to_equity_ratio": False, "unspecified": True}
    assert shown["flags"]["trading_blocked"] is True
    assert (answer.status_code, answer.json()) == (404, {"error": "unknown: mood"})

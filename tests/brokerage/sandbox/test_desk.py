"""The desk by its forms: what each button does to the books, and who may press it."""

import re
from pathlib import Path

import pytest
import requests

from brokerage.sandbox import faults
from brokerage.sandbox.control import bank_logins
from brokerage.sandbox.settings import MISCHIEF, SETTINGS
from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.desk_hand import Desk

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "sandbox.md"


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return Desk(bench)


@pytest.fixture
def deposit(bench: Bench, account: str, relationship: str) -> str:
    transfer_id: str = bench.transfer(account, relationship, "12.00").json()["id"]
    return transfer_id


def test_a_transfer_is_settled_and_returned_with_a_code(desk: Desk, bench: Bench, account: str, deposit: str) -> None:
    settled = desk.press(f"transfers/{deposit}", do="settle")
    returned = desk.press(f"transfers/{deposit}", do="return", code="R03")

    row = bench.transfers(account)[0]
    assert "Settled. The money is booked." in settled
    assert "Sent back by the bank." in returned
    assert (row["status"], row["reason"]) == ("RETURNED", "R03 - No Account/Unable to Locate Account")


def test_a_button_that_came_too_late_does_nothing(desk: Desk, bench: Bench, account: str, deposit: str) -> None:
    desk.press(f"transfers/{deposit}", do="reject")

    said = desk.press(f"transfers/{deposit}", do="settle")

    assert "it has changed in the meantime" in said
    assert bench.transfers(account)[0]["status"] == "REJECTED"


def test_a_link_is_rejected_with_its_reason(desk: Desk, bench: Bench, account: str) -> None:
    relationship_id = bench.link(account, approved=False)

    said = desk.press(f"relationships/{relationship_id}", do="REJECTED")

    assert "does not match" in said
    assert bench.state()["relationships"][0]["status"] == "REJECTED"


@pytest.mark.parametrize(
    ("step", "expected"),
    [("hour", "2026-11-25T16:00:00"), ("day", "2026-11-26T15:00:00"), ("banking day", "2026-11-27T13:30:00")],
)
def test_the_clock_moves_by_the_step_that_is_asked_for(desk: Desk, bench: Bench, step: str, expected: str) -> None:
    bench.control("clock", now="2026-11-25T15:00:00Z")  # the day before Thanksgiving

    desk.press("clock", do=step)

    assert bench.state()["clock"]["now"].startswith(expected)


def test_the_clock_stops_and_runs(desk: Desk, bench: Bench) -> None:
    desk.press("clock", do="unfreeze")
    running = bench.state()["clock"]["frozen"]

    page = desk.press("clock", do="freeze")

    assert running is False
    assert bench.state()["clock"]["frozen"] is True
    assert "Let it run" in page


def test_the_pace_of_banks_is_chosen(desk: Desk, bench: Bench) -> None:
    desk.press("clock", profile="instant")

    assert bench.state()["settings"]["profile"] == "instant"


def test_a_fault_is_armed_in_plain_words_and_cleared(desk: Desk, bench: Bench) -> None:
    armed = desk.press("faults", place="transfer", kind="hang_before_commit", times="3")
    fault = bench.state()["faults"][0]
    cleared = desk.press("faults/clear")

    assert "Does nothing, and does not answer for half a minute" in armed
    assert (fault["route"], fault["times"]) == ("POST /broker/v1/accounts/*/transfers", 3)
    assert "No fault is armed" in cleared


def test_a_fault_for_a_minute_is_over_after_it(desk: Desk, bench: Bench, account: str) -> None:
    desk.press("faults", place="broker", kind="bad_gateway", times="minute")

    during = [bench.broker("GET", f"v1/accounts/{account}").status_code for _ in range(5)]
    bench.pass_time(61)

    assert during == [502] * 5
    assert bench.broker("GET", f"v1/accounts/{account}").status_code == 200
    assert "No fault is armed" in desk.page("faults/")


def test_everything_is_forgotten_only_when_that_is_meant(desk: Desk, bench: Bench, account: str) -> None:
    spared = desk.press("reset")
    kept = bench.state()["counts"]["accounts"]
    desk.press("reset", sure="yes")

    assert "tick the box" in spared
    assert kept == 1
    assert bench.state()["counts"]["accounts"] == 0


def test_every_page_says_the_same_to_everybody(desk: Desk, bench: Bench, deposit: str) -> None:
    bench.open_account(given_name="<b>Bobby", family_name="&Tables")
    for path in ("", "stories/", "people/", "faults/", "log/"):
        answer = requests.get(f"{bench.url}/control/{path}", timeout=5)

        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "<b>Bobby" not in answer.text
        assert not re.search(r"<script|\sstyle=|\son\w+=", answer.text)


@pytest.mark.parametrize("path", ["clock", "stories/lost", "faults", "faults/clear", "reset", "items/x", "accounts/x"])
def test_no_other_site_presses_a_button(bench: Bench, path: str) -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    answer = requests.post(f"{bench.url}/control/desk/{path}", data={"do": "arm"}, headers=headers, timeout=5)

    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["stories/none", "items/none", "accounts/none", "transfers/none"])
def test_what_is_not_there_is_not_found(bench: Bench, path: str) -> None:
    answer = requests.post(f"{bench.url}/control/desk/{path}", data={"do": "settle"}, timeout=5)

    assert answer.status_code == 404


# --- The document -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", sorted({*SETTINGS, *faults.KINDS, *MISCHIEF, *bank_logins.TO_THE_LOGIN, *bank_logins.TO_AN_ACCOUNT})
)
def test_the_document_knows_every_switch_and_fault(name: str) -> None:
    assert f"`{name}`" in DOCUMENT.read_text()

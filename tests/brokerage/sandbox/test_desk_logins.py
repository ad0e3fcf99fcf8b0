"""Bank logins on the desk: a button for everything that a bank or its customer does to one."""

import re

import pytest

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.desk_hand import Desk
from tests.brokerage.sandbox.plaid_frames import by_number, new_link


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return Desk(bench)


@pytest.fixture
def login(bench: Bench) -> str:
    """The id of an Item with a checking and a savings account."""
    return bench.bank_login("user_saver").item_id


def test_a_bank_login_expires_and_is_repaired(desk: Desk, bench: Bench, login: str) -> None:
    expired = desk.press(f"items/{login}", do="login_required")
    repaired = desk.press(f"items/{login}", do="repaired")

    assert "ITEM_LOGIN_REQUIRED" in expired
    assert "ITEM_LOGIN_REQUIRED" not in repaired
    assert bench.state()["items"][0]["login_required"] is False


def test_access_to_a_bank_is_revoked(desk: Desk, login: str) -> None:
    assert "USER_PERMISSION_REVOKED" in desk.press(f"items/{login}", do="revoked")


def test_the_end_of_a_login_is_announced(desk: Desk, bench: Bench, login: str) -> None:
    bench.control("clock", now="2026-11-28T17:00:00Z")

    said = desk.press(f"items/{login}", do="disconnecting")

    assert "Its end was announced" in said
    assert "Announced to end on Sat, Dec 5, 12:00:00 PM EST" in said


@pytest.mark.parametrize(
    ("state", "said", "left"),
    [
        ("account_revoked", "Access to the account was revoked.", ["0000"]),
        ("unshare", "Nobody was told.", ["0000"]),
        ("new_numbers", "The account has another number.", ["0000", "1111"]),
    ],
)
def test_something_happens_to_one_account(
    desk: Desk, bench: Bench, login: str, state: str, said: str, left: list[str]
) -> None:
    savings = re.findall(r'<option value="(\w+)">Ending 1111', desk.page("people/"))[0]

    page = desk.press(f"items/{login}", do="account", account_id=savings, state=state)

    assert said in page
    assert re.findall(r"<option value=\"\w+\">Ending (\w+)", page) == left


def test_deposits_that_are_awaited_are_seen_by_hand(desk: Desk, bench: Bench) -> None:
    frame = new_link(bench, auth={"automated_microdeposits_enabled": True})
    frame.sign_in("ins_109512")
    frame.ask("match", accounts=["0000"], routing="021000021", account="1111222233330000")
    frame.finish()
    item_id = bench.state()["items"][0]["item_id"]
    waiting = desk.page("people/")

    said = desk.press(f"items/{item_id}", do="account", state="verified")

    assert "Plaid Checking ending 0000: pending_automatic_verification" in waiting
    assert "Plaid Checking ending 0000: automatically_verified" in said
    assert "See its deposits" in waiting
    assert "See its deposits" not in said


def test_who_never_signed_in_is_not_asked_to_do_so_again(desk: Desk, bench: Bench) -> None:
    by_number(bench)

    page = desk.page("people/")

    assert "Linked by number" in page
    assert "Expire the login" not in page


@pytest.mark.parametrize("form", [{"do": "nothing"}, {"do": "account", "state": "verified"}, {"do": "account"}])
def test_a_button_that_came_too_late_does_nothing(desk: Desk, login: str, form: dict[str, str]) -> None:
    assert "it has changed in the meantime" in desk.press(f"items/{login}", **form)

"""The broker's cash held against what our books explain: a break is opened for what nothing explains, and only then."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.operations import account_status
from funding import states
from funding.models import Break
from funding.operations.rounds import Rounds
from tests import make
from tests.funding import books
from tests.funding.standing import LIST, OUT, Clocks, Customer, fault, lost, open_customer
from tests.harness.sandbox import Sandbox

CASH = "GET /broker/v1/trading/accounts/*/account"


@pytest.fixture
def ada(clocks: Clocks, sandbox: Sandbox, db: None) -> Customer:
    return open_customer(sandbox, cash="1000.00")


def check() -> list[str]:
    return [finding.what for finding in books.compare(full=True)]


def wrong(sandbox: Sandbox, withdrawable: str, *, times: int | None = None, cash: str = "") -> None:
    """Let the broker name another figure."""
    fields = {"cash_withdrawable": withdrawable} | ({"cash": cash} if cash else {})
    fault(sandbox, "patch_after_commit", CASH, times=times, patch=fields)


def open_breaks() -> list[tuple[str, str]]:
    return list(Break.objects.filter(kind=Break.CASH, ended_at=None).values_list("ours", "theirs"))


def test_cash_that_our_lines_explain_is_no_break(ada: Customer) -> None:
    assert check() == []
    assert open_breaks() == []


@pytest.mark.parametrize("theirs", ["900.00", "999.99"])
def test_cash_that_nothing_explains_is_a_break(ada: Customer, sandbox: Sandbox, theirs: str) -> None:
    wrong(sandbox, theirs)

    assert check() == [f"cash: 1000.00 by our books, {theirs} by the broker's"]

    found = Break.objects.get()
    assert (found.kind, found.ours, found.theirs, found.ended_at) == (Break.CASH, "1000.00", theirs, None)
    assert found.evidence["lines"][0] == {"label": "Settled cash in your account", "amount": "1000.00", "on": ""}
    assert found.evidence["cash_withdrawable"] == theirs


def test_the_same_break_is_seen_again_and_not_opened_again(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    wrong(sandbox, "900.00", times=1)
    wrong(sandbox, "800.00", times=1)
    check()
    clocks.advance(minutes=5)

    check()

    found = Break.objects.get()
    assert (found.theirs, found.last_seen_at - found.first_seen_at) == ("800.00", timedelta(minutes=5))


def test_a_break_ends_when_it_is_gone_and_another_one_is_another_row(ada: Customer, sandbox: Sandbox) -> None:
    wrong(sandbox, "900.00", times=1)
    check()

    assert check() == []

    assert open_breaks() == []
    wrong(sandbox, "900.00", times=1)
    check()
    assert Break.objects.count() == 2


def test_a_broker_that_names_no_figure_changes_nothing(ada: Customer, sandbox: Sandbox) -> None:
    wrong(sandbox, "900.00", times=1)
    check()
    fault(sandbox, "status", CASH, times=1, status=502)

    assert check() == []

    assert open_breaks() == [("1000.00", "900.00")]


def test_a_withdrawal_under_way_explains_itself(ada: Customer, clocks: Clocks) -> None:
    account_status.refresh_cash(account=ada.account)
    ada.move("100.00", OUT)
    assert check() == []
    clocks.advance(minutes=5)

    assert check() == []

    ada.account.refresh_from_db()
    assert str(ada.account.cash_withdrawable) == "900.00"


def test_an_account_that_owes_is_no_break(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    deposit = ada.move("50.00")
    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="settle")
    sandbox.post("/control/balances", account_id=ada.account.alpaca_id, amount="0.00")
    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="return", code="R01")
    check()
    clocks.advance(minutes=5)

    assert check() == []

    ada.account.refresh_from_db()
    assert str(ada.account.cash) == "-50.00"


def test_more_on_its_way_out_than_there_is_is_no_break(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    account_status.refresh_cash(account=ada.account)
    ada.move("900.00", OUT)
    sandbox.post("/control/balances", account_id=ada.account.alpaca_id, amount="500.00")
    clocks.advance(minutes=5)

    assert check() == []

    ada.account.refresh_from_db()
    assert (str(ada.account.cash), str(ada.account.cash_withdrawable)) == ("500.00", "0.00")


# --- No false alarms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
def test_nothing_is_concluded_while_a_transfer_is_in_doubt(
    ada: Customer, sandbox: Sandbox, clocks: Clocks, kind: str
) -> None:
    lost(ada, "100.00", OUT, kind=kind)
    wrong(sandbox, "900.00")
    clocks.advance(minutes=5)

    check()

    assert open_breaks() == []


@pytest.mark.parametrize(("minutes", "count"), [(0, 0), (1, 0), (3, 1)])
def test_nothing_is_concluded_right_after_a_transfer(
    ada: Customer, sandbox: Sandbox, clocks: Clocks, minutes: int, count: int
) -> None:
    ada.move("100.00")
    wrong(sandbox, "900.00")
    clocks.advance(minutes=minutes)

    check()

    assert len(open_breaks()) == count


def test_nothing_is_concluded_while_the_list_is_away_and_something_moves(
    ada: Customer, sandbox: Sandbox, clocks: Clocks
) -> None:
    withdrawal = ada.move("100.00", OUT)
    clocks.advance(minutes=5)
    sandbox.post(f"/control/transfers/{withdrawal.alpaca_id}", action="settle")
    fault(sandbox, "status", LIST, times=99, status=502)

    check()

    assert open_breaks() == []


def test_what_settled_unheard_is_heard_and_no_break(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    withdrawal = ada.move("100.00", OUT)
    clocks.advance(minutes=5)
    sandbox.post(f"/control/transfers/{withdrawal.alpaca_id}", action="settle")

    assert check() == ["ours QUEUED, the broker's COMPLETE"]

    assert open_breaks() == []


def test_a_difference_that_is_left_hides_no_break_once_nothing_moves(ada: Customer, sandbox: Sandbox) -> None:
    make.transfer(ada.relationship, status=states.COMPLETE, settled_at=timezone.now())  # not in the broker's list
    wrong(sandbox, "900.00")

    check()

    assert open_breaks() == [("1000.00", "900.00")]


def test_a_hold_that_is_known_is_no_break(ada: Customer, sandbox: Sandbox, clocks: Clocks, settings: Settings) -> None:
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 5
    sandbox.post("/control/settings", deposit_hold_days=7)
    deposit = ada.move("50.00")
    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="settle")
    check()
    clocks.advance(minutes=5)

    assert check() == []

    ada.account.refresh_from_db()
    assert str(ada.account.cash_withdrawable) == "1000.00"


# --- The worker -------------------------------------------------------------------------------------------------------


def test_the_sweep_reads_the_cash_and_finds_the_break(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    rounds = Rounds(sender="worker of a test")
    rounds.run()
    clocks.advance(minutes=6)
    wrong(sandbox, "900.00")

    rounds.run()

    assert open_breaks() == [("1000.00", "900.00")]

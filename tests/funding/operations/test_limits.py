"""How much may move: to the cent, by New York's day, and however many ask at once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db.models import Sum
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerageAccount
from funding import states
from funding.models import ACHRelationship, Transfer
from funding.operations import limits, transfers
from tests import make
from tests.funding.standing import IN, OUT, Customer, at_once, open_customer
from tests.harness.sandbox import Sandbox

CENT = Decimal("0.01")


@pytest.fixture(autouse=True)
def small_limits(settings: Settings) -> None:
    settings.TRANSFER_MINIMUM = "1.00"
    settings.TRANSFER_LIMIT, settings.TRANSFER_LIMIT_PER_DAY = "100.00", "150.00"
    settings.TRANSFER_LIMIT_PER_30_DAYS = "200.00"


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user(), cash="120.00"))


def allowed(bank: ACHRelationship, amount: str | Decimal, direction: str = IN) -> bool:
    account = BrokerageAccount.objects.get(pk=bank.brokerage_account_id)
    try:
        limits.require_within(account=account, direction=direction, amount=Decimal(amount))
    except limits.LimitReached:
        return False
    return True


def at_the_cent(bank: ACHRelationship, amount: str, direction: str = IN) -> bool:
    """Say whether exactly `amount` is allowed, and a cent more is not."""
    return allowed(bank, amount, direction) and not allowed(bank, Decimal(amount) + CENT, direction)


def test_the_smallest_amount(bank: ACHRelationship) -> None:
    assert allowed(bank, "1.00")
    assert not allowed(bank, "0.99")


def test_the_limit_of_one_transfer(bank: ACHRelationship) -> None:
    assert at_the_cent(bank, "100.00")


def test_the_limit_of_a_day(bank: ACHRelationship) -> None:
    make.transfer(bank, "90.01")

    assert at_the_cent(bank, "59.99")


def test_the_limit_of_thirty_days(bank: ACHRelationship) -> None:
    now = timezone.now()
    make.transfer(bank, "100.00", created_at=now - timedelta(days=29))
    make.transfer(bank, "50.01", created_at=now - timedelta(days=2))
    make.transfer(bank, "99.00", created_at=now - timedelta(days=30, seconds=1))

    assert at_the_cent(bank, "49.99")


def test_each_direction_has_its_own_limits(bank: ACHRelationship) -> None:
    make.transfer(bank, "100.00", direction=OUT, accepted_at=timezone.now() - timedelta(hours=1))

    assert at_the_cent(bank, "100.00", IN)
    assert at_the_cent(bank, "50.00", OUT)


@pytest.mark.parametrize("sending", sorted(states.IN_DOUBT | {states.ACCEPTED}))
def test_what_may_have_happened_counts(bank: ACHRelationship, sending: str) -> None:
    make.transfer(bank, "100.00", sending=sending)

    assert at_the_cent(bank, "50.00")


@pytest.mark.parametrize(
    "over",
    [{"sending": state} for state in sorted(states.NEVER_HAPPENED)]
    + [{"status": status} for status in sorted(states.ENDED_UNFUNDED)],
    ids=str,
)
def test_what_moved_no_money_does_not_count(bank: ACHRelationship, over: dict[str, Any]) -> None:
    make.transfer(bank, "100.00", **over)

    assert at_the_cent(bank, "100.00")


@pytest.mark.parametrize(
    ("now", "earlier", "same_day"),
    [
        # Standard time: New York's two o'clock, when the day's batch leaves, is 19:00 UTC.
        ("2026-01-15T18:59:59", "2026-01-14T19:00:00", True),
        ("2026-01-15T19:00:00", "2026-01-15T18:59:59", False),
        # A weekend and a holiday count with the banking day that follows.
        ("2026-01-20T18:59:59", "2026-01-16T19:00:00", True),
        ("2026-01-20T19:00:00", "2026-01-18T12:00:00", False),
        # Daylight saving time: 18:00 UTC; it begins on a weekend, between a batch and the next.
        ("2026-07-15T18:00:00", "2026-07-15T17:59:59", False),
        ("2026-03-09T17:59:59", "2026-03-06T19:00:00", True),
        ("2026-03-09T18:00:00", "2026-03-06T19:00:00", False),
    ],
)
def test_a_day_is_a_banking_day_of_new_yorks(bank: ACHRelationship, now: str, earlier: str, same_day: bool) -> None:
    make.transfer(bank, "100.00", created_at=datetime.fromisoformat(earlier).replace(tzinfo=UTC))

    with time_machine.travel(datetime.fromisoformat(now).replace(tzinfo=UTC), tick=False):
        assert at_the_cent(bank, "50.00" if same_day else "100.00")


# --- Cash -------------------------------------------------------------------------------------------------------------


def test_no_more_than_the_cash_may_leave(bank: ACHRelationship) -> None:
    BrokerageAccount.objects.update(cash_withdrawable="30.00")

    assert at_the_cent(bank, "30.00", OUT)


@pytest.mark.parametrize("cash", ["0.00", "-0.01", "-500.00", "0.99"])
def test_what_is_not_there_does_not_leave(bank: ACHRelationship, cash: str) -> None:
    BrokerageAccount.objects.update(cash_withdrawable=cash)

    assert not allowed(bank, "1.00", OUT)


@pytest.mark.parametrize("cash_as_of", [None, timedelta(minutes=2, seconds=1), timedelta(days=1)])
def test_an_old_figure_decides_nothing(bank: ACHRelationship, cash_as_of: timedelta | None) -> None:
    BrokerageAccount.objects.update(cash_as_of=cash_as_of and timezone.now() - cash_as_of)

    assert not allowed(bank, "1.00", OUT)


def test_a_figure_that_was_never_told_decides_nothing(bank: ACHRelationship) -> None:
    BrokerageAccount.objects.update(cash_withdrawable=None)

    assert not allowed(bank, "1.00", OUT)


@pytest.mark.parametrize("sending", sorted(states.IN_DOUBT))
def test_what_is_in_doubt_is_held(bank: ACHRelationship, sending: str) -> None:
    make.transfer(bank, "70.00", direction=OUT, sending=sending, created_at=timezone.now() - timedelta(days=2))

    assert at_the_cent(bank, "50.00", OUT)


def test_what_was_accepted_after_the_figure_was_asked_for_is_held(bank: ACHRelationship) -> None:
    asked_at = timezone.now() - timedelta(seconds=30)
    BrokerageAccount.objects.update(cash_as_of=asked_at)
    two_days: dict[str, Any] = {"direction": OUT, "created_at": timezone.now() - timedelta(days=2)}
    make.transfer(bank, "20.00", accepted_at=asked_at, **two_days)
    make.transfer(bank, "30.00", accepted_at=asked_at - timedelta(seconds=1), **two_days)

    assert at_the_cent(bank, "100.00", OUT)
    BrokerageAccount.objects.update(cash_withdrawable="60.00")
    assert at_the_cent(bank, "40.00", OUT)


# --- Many at once -----------------------------------------------------------------------------------------------------


def open_withdrawals() -> Decimal:
    found = Transfer.objects.filter(direction=OUT).counted().aggregate(total=Sum("amount"))["total"]
    return found or Decimal("0.00")


def withdraw_until_refused(customer: Customer) -> list[str]:
    """Ask for $30.00 again and again, each a new intent, until the limit says no."""
    said = []
    for _ in range(40):
        try:
            said.append(customer.move("30.00", OUT).sending)
        except (transfers.TransferInDoubt, transfers.FormOutOfDate, transfers.FormUsedAlready) as wait:
            said.append(type(wait).__name__)
        except limits.LimitReached:
            return said
    return said


@pytest.mark.django_db(transaction=True)
def test_fifty_withdrawals_at_once_never_pass_the_cash(sandbox: Sandbox, settings: Settings) -> None:
    settings.TRANSFER_LIMIT_PER_DAY = settings.TRANSFER_LIMIT_PER_30_DAYS = "100000.00"
    ada = open_customer(sandbox, cash="100.00")

    came = at_once(*[lambda: withdraw_until_refused(ada)] * 50)

    assert not any(isinstance(each, Exception) for each in came)
    assert open_withdrawals() == Decimal("90.00")
    assert len(ada.at_the_broker()) == 3
    assert not Transfer.objects.filter(sending=states.REFUSED).exists()  # we said no, not the broker


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would(sandbox: Sandbox) -> None:
    """Show that the test above can fail: look and then leap, without the account's lock."""
    ada = open_customer(sandbox, cash="100.00")
    for _ in range(3):
        assert allowed(ada.relationship, "40.00", OUT)
    for _ in range(3):
        make.transfer(ada.relationship, "40.00", direction=OUT)

    assert open_withdrawals() > Decimal("100.00")


@pytest.mark.django_db(transaction=True)
def test_deposits_at_once_never_pass_the_day(sandbox: Sandbox) -> None:
    ada = open_customer(sandbox)

    def deposit() -> None:
        for _ in range(10):
            try:
                ada.move("40.00")
            except (transfers.TransferNotPossible, limits.LimitReached):
                continue

    came = at_once(*[deposit] * 8)

    assert came == [None] * 8
    assert sum(Decimal(row["amount"]) for row in ada.at_the_broker()) <= Decimal("150.00")

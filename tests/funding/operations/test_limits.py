"""How much may move: to the cent, by New York's day, and however many ask at once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db.models import Sum
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerageAccount, User
from funding import states
from funding.models import ACHRelationship, LimitOverride, Transfer
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


# --- One customer's own limits ----------------------------------------------------------------------------------------


def override(bank: ACHRelationship, direction: str = IN, **more: Any) -> LimitOverride:
    person = User.objects.filter(email="ops@example.com").first() or make.user("ops@example.com")
    none: dict[str, Any] = {"per_transfer": None, "per_day": None, "per_30_days": None, "until": None}
    account = BrokerageAccount.objects.get(pk=bank.brokerage_account_id)
    return limits.set_override(account=account, direction=direction, because="asked", set_by=person, **(none | more))


def test_ops_may_give_one_customer_other_limits(bank: ACHRelationship) -> None:
    override(bank, per_transfer=Decimal("120.00"), per_day=Decimal("140.00"))
    other = make.relationship(make.account(make.user("ben@example.com")))

    assert at_the_cent(bank, "120.00")
    assert at_the_cent(other, "100.00")
    make.transfer(bank, "100.00")
    assert at_the_cent(bank, "40.00")


def test_an_override_is_of_one_direction(bank: ACHRelationship) -> None:
    override(bank, OUT, per_transfer=Decimal("10.00"))

    assert at_the_cent(bank, "10.00", OUT)
    assert at_the_cent(bank, "100.00", IN)


def test_what_an_override_does_not_name_is_everybodys(bank: ACHRelationship) -> None:
    override(bank, per_transfer=Decimal("190.00"))

    assert at_the_cent(bank, "150.00")


def test_the_newest_override_counts_whole(bank: ACHRelationship) -> None:
    override(bank, per_transfer=Decimal("10.00"), per_day=Decimal("10.00"))
    override(bank, per_day=Decimal("120.00"))

    assert at_the_cent(bank, "100.00")
    make.transfer(bank, "100.00")
    assert at_the_cent(bank, "20.00")
    assert LimitOverride.objects.count() == 2  # facts are kept


def test_an_override_ends(bank: ACHRelationship) -> None:
    override(bank, per_transfer=Decimal("10.00"), until=timezone.now() + timedelta(days=1))
    before = at_the_cent(bank, "10.00")

    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1), tick=False):
        assert before
        assert at_the_cent(bank, "100.00")


def test_an_override_of_zero_stops_one_direction(bank: ACHRelationship) -> None:
    override(bank, per_transfer=Decimal("0.00"))

    assert not allowed(bank, "1.00")
    assert allowed(bank, "1.00", OUT)


# --- The broker's own limits ------------------------------------------------------------------------------------------


@pytest.fixture
def generous(settings: Settings) -> Settings:
    settings.TRANSFER_LIMIT = settings.TRANSFER_LIMIT_PER_DAY = settings.TRANSFER_LIMIT_PER_30_DAYS = "900000.00"
    settings.RISK_NEW_BANK_LIMIT = settings.RISK_DEPOSITS_PER_WEEK = "900000.00"
    return settings


def test_the_brokers_sum_of_a_day_is_known_beforehand(bank: ACHRelationship, generous: Settings) -> None:
    make.transfer(bank, "49999.00")

    assert at_the_cent(bank, "1.00")


def test_the_broker_counts_what_it_ended_too(bank: ACHRelationship, generous: Settings) -> None:
    make.transfer(bank, "30000.00", status=states.REJECTED)
    make.transfer(bank, "10000.00", sending=states.REFUSED)

    assert at_the_cent(bank, "20000.00")


def test_the_brokers_day_is_new_yorks_date(bank: ACHRelationship, generous: Settings) -> None:
    make.transfer(bank, "50000.00", created_at=datetime(2026, 1, 15, 4, 59, 59, tzinfo=UTC))

    with time_machine.travel(datetime(2026, 1, 15, 5, 0, tzinfo=UTC), tick=False):
        assert allowed(bank, "50000.00")
    with time_machine.travel(datetime(2026, 1, 15, 4, 59, 59, tzinfo=UTC), tick=False):
        assert not allowed(bank, "1.00")


@pytest.mark.parametrize(
    ("now", "next_day"),
    [
        ("2026-03-02T15:00:00", date(2026, 3, 3)),
        ("2026-03-06T23:00:00", date(2026, 3, 9)),  # a Friday
        ("2026-07-02T15:00:00", date(2026, 7, 3)),  # the holiday is on a Saturday, and banks are open
        ("2026-11-25T15:00:00", date(2026, 11, 27)),  # Thanksgiving
    ],
)
def test_one_transfer_a_day_is_known_beforehand(
    bank: ACHRelationship, settings: Settings, now: str, next_day: date
) -> None:
    settings.BROKER_TRANSFERS_PER_DAY = 1
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    account = bank.brokerage_account

    with time_machine.travel(moment, tick=False):
        before = limits.next_possible_on(account=account, direction=IN)
        make.transfer(bank, "10.00")

        assert before is None
        assert limits.next_possible_on(account=account, direction=IN) == next_day
        assert limits.next_possible_on(account=account, direction=OUT) is None
        with pytest.raises(limits.LimitReached, match=rf"another one on .* {next_day.day}\."):
            limits.require_within(account=account, direction=IN, amount=Decimal("5.00"))


@pytest.mark.parametrize("status", sorted(states.ENDED_UNFUNDED))
def test_what_was_canceled_does_not_use_the_day_up(bank: ACHRelationship, settings: Settings, status: str) -> None:
    settings.BROKER_TRANSFERS_PER_DAY = 1
    make.transfer(bank, "10.00", status=status)

    assert allowed(bank, "10.00")


def test_our_count_is_the_brokers(ada: Customer, settings: Settings) -> None:
    settings.BROKER_TRANSFERS_PER_DAY = 1
    ada.sandbox.post("/control/settings", ach_per_day=1)
    assert ada.move("10.00").sending == states.ACCEPTED

    with pytest.raises(limits.LimitReached):
        ada.ask("20.00")
    settings.BROKER_TRANSFERS_PER_DAY = 0
    refused = ada.move("20.00")

    assert refused.sending == states.REFUSED
    assert "per trading day" in refused.reason

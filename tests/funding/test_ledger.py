"""The cash that may be withdrawn, line by line: whatever the books hold, the lines add up to what limits allow."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerageAccount
from brokerage import banking_days
from funding import ledger, states
from funding.models import ACHRelationship, Reversal, Transfer
from funding.operations import limits
from tests import make
from tests.funding.standing import IN, OUT

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # the Tuesday before Thanksgiving
STATUSES = [word for word in states.RANK if word]


@pytest.fixture
def bank(db: None, settings: Settings) -> Any:
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 5
    with time_machine.travel(NOW, tick=False):
        yield make.relationship(make.account(make.user(), cash="1000.00"))


def shown(bank: ACHRelationship) -> ledger.Ledger:
    account = BrokerageAccount.objects.get(pk=bank.brokerage_account_id)
    found = ledger.of(account, cash=limits.cash_of(account=account))
    assert found is not None
    return found


def lines(bank: ACHRelationship) -> dict[str, Decimal]:
    return {f"{line.label} {line.on or ''}".strip(): line.amount for line in shown(bank).lines}


def random_books(bank: ACHRelationship, chance: random.Random) -> None:
    """Make any mixture of transfers, reversals and broker's figures."""
    account = bank.brokerage_account
    cents = [Decimal(chance.randint(-50_000, 500_000)) / 100 for _ in range(2)]
    as_of = NOW - timedelta(minutes=chance.randint(0, 300))
    BrokerageAccount.objects.filter(pk=account.pk).update(cash=cents[0], cash_withdrawable=cents[1], cash_as_of=as_of)
    for _ in range(chance.randint(0, 12)):
        asked_at = NOW - timedelta(minutes=chance.randint(0, 60 * 24 * 20))
        sending = chance.choice(
            [states.ACCEPTED] * 5 + sorted(set(states.SENDING_MOVES) - {states.SENDING, states.UNKNOWN})
        )
        more: dict[str, Any] = {}
        if sending == states.ACCEPTED:
            more = {"status": chance.choice(STATUSES), "accepted_at": asked_at}
            more["settled_at"] = asked_at if more["status"] in (states.COMPLETE, states.RETURNED) else None
        amount = f"{Decimal(chance.randint(1, 90_000)) / 100:.2f}"
        made = make.transfer(
            bank, amount, direction=chance.choice([IN, OUT]), sending=sending, created_at=asked_at, **more
        )
        if made.status == states.RETURNED and made.is_deposit:
            entered_at = NOW - timedelta(minutes=chance.randint(0, 600))
            Reversal.objects.create(transfer=made, amount=made.amount, created_at=entered_at)


@pytest.mark.parametrize("seed", range(40))
def test_the_lines_of_any_books_add_up(bank: ACHRelationship, seed: int) -> None:
    random_books(bank, random.Random(seed))  # noqa: S311 - for a test's books
    account = BrokerageAccount.objects.get(pk=bank.brokerage_account_id)

    found = shown(bank)

    assert sum(line.amount for line in found.lines) == found.total == limits.withdrawable(account=account)
    assert found.lines[0].amount == account.cash
    assert all(line.amount for line in found.lines[1:])
    held = [line for line in found.lines if line.label == "Deposits on hold"]
    assert [line.on for line in held] == sorted({line.on for line in held if line.on})
    assert all(line.on and line.on > banking_days.today(NOW) and line.amount < 0 for line in held)
    assert (found.total < 0) == (found.total_label == "Missing in your account")


def test_books_that_agree_need_no_line_of_the_brokers(bank: ACHRelationship) -> None:
    make.transfer(bank, "90.00", direction=OUT)
    make.transfer(bank, "300.00", status=states.COMPLETE, settled_at=NOW - timedelta(days=1))
    make.transfer(bank, "110.00", status=states.COMPLETE, settled_at=NOW)
    make.transfer(bank, "70.00", status=states.COMPLETE, settled_at=NOW - timedelta(days=30))
    BrokerageAccount.objects.update(cash_withdrawable="590.00")  # the broker holds what we think it holds

    assert lines(bank) == {
        "Settled cash in your account": Decimal("1000.00"),
        "Withdrawals under way": Decimal("-90.00"),
        "Deposits on hold 2026-12-01": Decimal("-300.00"),
        "Deposits on hold 2026-12-02": Decimal("-110.00"),
    }
    assert shown(bank).total == Decimal("500.00")
    assert shown(bank).difference == 0


@pytest.mark.parametrize(
    ("theirs", "label", "rest"),
    [("900.00", "Held by the broker", "-100.00"), ("1000.00", "Released early by the broker", "200.00")],
)
def test_where_the_broker_counts_otherwise_one_line_says_so(
    bank: ACHRelationship, theirs: str, label: str, rest: str
) -> None:
    if label.startswith("Released"):
        make.transfer(bank, "200.00", status=states.COMPLETE, settled_at=NOW)
    BrokerageAccount.objects.update(cash_withdrawable=theirs)

    assert lines(bank)[label] == Decimal(rest)


def test_a_deposit_taken_back_is_a_line_until_the_broker_knows(bank: ACHRelationship) -> None:
    back = make.transfer(bank, "1200.00", status=states.RETURNED, settled_at=NOW)
    Reversal.objects.create(transfer=back, amount=back.amount)

    assert lines(bank)["Deposits taken back"] == Decimal("-1200.00")
    assert (shown(bank).total, shown(bank).total_label) == (Decimal("-200.00"), "Missing in your account")

    later = timezone.now() + timedelta(seconds=1)
    BrokerageAccount.objects.update(cash="-200.00", cash_withdrawable="-200.00", cash_as_of=later)
    assert "Deposits taken back" not in lines(bank)
    assert shown(bank).total == Decimal("-200.00")


def test_there_are_no_lines_before_the_broker_has_named_a_figure(bank: ACHRelationship) -> None:
    BrokerageAccount.objects.update(cash_withdrawable=None)
    account = BrokerageAccount.objects.get()

    assert ledger.of(account, cash=limits.cash_of(account=account)) is None
    assert Transfer.objects.count() == 0

"""The cash a customer may withdraw, as lines that add up to it.

Called by views; reads the broker's last figures and our open withdrawals. Amounts are US dollars.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max, Sum

from accounts.models import BrokerageAccount
from brokerage import banking_days
from funding import states
from funding.models import Transfer
from funding.operations import limits


@dataclass(frozen=True)
class Line:
    label: str
    amount: Decimal
    note: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Ledger:
    """Lines, and the sum that closes them."""

    lines: list[Line]
    total_label: str
    total: Decimal


def of(account: BrokerageAccount) -> Ledger | None:
    """Return what may be withdrawn now, explained; None while the broker has named no figure."""
    if account.cash is None or account.cash_withdrawable is None:
        return None
    unseen = limits.unseen_withdrawals(account=account)
    total = account.cash_withdrawable - unseen
    lines = [Line("Cash in your account", account.cash)]
    under_way = _under_way(account)
    held = account.cash - under_way - total
    if under_way:
        lines.append(Line("Withdrawals under way", -under_way))
    if held > 0:
        lines.append(Line("Deposits on hold", -held, note="until", on=_held_until(account)))
    elif held < 0:
        lines.append(Line("Counted by the broker already", -held))
    label = "You can withdraw" if total >= 0 else "Missing in your account"
    return Ledger(lines, label, total)


def _under_way(account: BrokerageAccount) -> Decimal:
    moving = Transfer.objects.of(account, states.OUTGOING).moving()
    return moving.aggregate(total=Sum("amount"))["total"] or limits.ZERO


def _held_until(account: BrokerageAccount) -> date | None:
    """Return when the newest settled deposit is free at the latest."""
    deposits = Transfer.objects.of(account, states.INCOMING).filter(status=states.COMPLETE)
    newest = deposits.aggregate(at=Max("settled_at"))["at"]
    return banking_days.withdrawable_on(banking_days.today(newest)) if newest else None


@dataclass(frozen=True)
class Pending:
    """Deposits that have not arrived: how much, and by when the last one does."""

    amount: Decimal
    by: date | None


def pending_in(account: BrokerageAccount) -> Pending:
    """Return the deposits under way, which no figure above counts yet."""
    moving = Transfer.objects.of(account, states.INCOMING).moving()
    found = moving.aggregate(amount=Sum("amount"), by=Max("expected_on"))
    return Pending(amount=found["amount"] or limits.ZERO, by=found["by"])

"""The cash a customer may withdraw, as lines that add up to it.

Called by views; reads the broker's last figures and our open withdrawals. Amounts are US dollars.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Max, Sum
from django.utils import timezone

from accounts.models import BrokerageAccount
from brokerage import banking_days
from funding import states
from funding.models import Transfer
from funding.operations import limits
from funding.operations.limits import Cash


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
    difference: Decimal = limits.ZERO  # what no line of ours explains


def of(account: BrokerageAccount, *, cash: Cash, stopped: bool = False) -> Ledger | None:
    """Return what may be withdrawn now, explained; None while the broker has named no figure.

    Where withdrawals are `stopped` it is what could be, if they were not.

    The broker's figure is the ceiling. Where our lines come to another sum, one more line says so, and `difference`
    is what ops see as a break.
    """
    total = cash.withdrawable
    if account.cash is None or total is None:
        return None
    lines = [
        Line("Settled cash in your account", account.cash),
        Line("Deposits taken back", -cash.taken_back),
        Line("Withdrawals under way", -cash.under_way),
        *_on_hold(account),
    ]
    lines = [line for number, line in enumerate(lines) if line.amount or not number]
    rest = total - sum((line.amount for line in lines), limits.ZERO)
    if rest:
        lines.append(Line("Held by the broker" if rest < 0 else "Released early by the broker", rest))
    label = "Yours, but can’t be withdrawn now" if stopped else "You can withdraw"
    label = label if total >= 0 else "Missing in your account"
    return Ledger(lines, label, total, difference=rest)


def _on_hold(account: BrokerageAccount) -> list[Line]:
    """Return the settled deposits that may not leave yet, by the day from which they may."""
    now = timezone.now()
    today = banking_days.today(now)
    # No hold is longer than its banking days twice over, with a fortnight of holidays.
    recent = now - timedelta(days=2 * settings.WITHDRAWAL_HOLD_BANKING_DAYS + 14)
    deposits = Transfer.objects.of(account, states.INCOMING).filter(status=states.COMPLETE, settled_at__gt=recent)
    held: dict[date, Decimal] = {}
    for settled_at, amount in deposits.order_by("settled_at").values_list("settled_at", "amount"):
        until = banking_days.withdrawable_on(banking_days.today(settled_at or now))
        if settings.WITHDRAWAL_HOLD_BANKING_DAYS and until > today:
            held[until] = held.get(until, limits.ZERO) + amount
    return [Line("Deposits on hold", -amount, note="until", on=until) for until, amount in held.items()]


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

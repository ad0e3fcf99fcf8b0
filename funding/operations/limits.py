"""How much may move: our limits per transfer, per banking day and per 30 days, and the cash that may leave.

Called by transfers, under the account's lock, and by views, to say it beforehand. Amounts are US dollars.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import BrokerageAccount
from brokerage import banking_days, money
from funding import states
from funding.models import Transfer

ZERO = Decimal("0.00")
WINDOW = timedelta(days=30)
# A withdrawal is decided on the broker's figure of the last minutes, or not at all.
CASH_MUST_BE_FROM = timedelta(minutes=2)


class LimitReached(Exception):
    """The amount is past a limit; `customer_message` says which, and what is left."""

    def __init__(self, customer_message: str) -> None:
        super().__init__(customer_message)
        self.customer_message = customer_message


@dataclass(frozen=True)
class Limit:
    """One limit, and what is left of it."""

    label: str
    of: Decimal
    left: Decimal


def remaining(*, account: BrokerageAccount, direction: str, now: datetime | None = None) -> list[Limit]:
    """Return what is left of each limit in one direction."""
    now = now or timezone.now()
    counted = Transfer.objects.of(account, direction).counted()
    since_midnight = banking_days.day_begins(banking_days.today(now))
    used = counted.filter(created_at__gt=now - WINDOW).aggregate(
        today=Sum("amount", filter=Q(created_at__gte=since_midnight)), window=Sum("amount")
    )
    per_transfer, per_day, per_window = (
        Decimal(settings.TRANSFER_LIMIT),
        Decimal(settings.TRANSFER_LIMIT_PER_DAY),
        Decimal(settings.TRANSFER_LIMIT_PER_30_DAYS),
    )
    return [
        Limit("In one transfer", per_transfer, per_transfer),
        Limit("Left today", per_day, max(ZERO, per_day - (used["today"] or ZERO))),
        Limit("Left in these 30 days", per_window, max(ZERO, per_window - (used["window"] or ZERO))),
    ]


def withdrawable(*, account: BrokerageAccount) -> Decimal | None:
    """Return what may leave now: the broker's figure, less withdrawals that it does not know of yet.

    None while the broker has named no figure. Below zero where the customer owes.
    """
    if account.cash_withdrawable is None:
        return None
    return account.cash_withdrawable - unseen_withdrawals(account=account)


def unseen_withdrawals(*, account: BrokerageAccount) -> Decimal:
    """Return the withdrawals that the broker's figure may not deduct yet.

    Those in doubt, and those accepted after the figure was asked for. Deducting one twice is safe; missing one is not.
    """
    unseen = Q(sending__in=states.IN_DOUBT)
    if account.cash_as_of:
        unseen |= Q(accepted_at__gte=account.cash_as_of)
    counted = Transfer.objects.of(account, states.OUTGOING).counted().filter(unseen)
    return counted.aggregate(total=Sum("amount"))["total"] or ZERO


def require_within(*, account: BrokerageAccount, direction: str, amount: Decimal) -> None:
    """Return where `amount` may move. Raises LimitReached."""
    minimum = Decimal(settings.TRANSFER_MINIMUM)
    if amount < minimum:
        raise LimitReached(f"The smallest amount is {money.show(minimum)}.")
    for limit in remaining(account=account, direction=direction):
        if amount > limit.left:
            raise LimitReached(f"{limit.label}: {money.show(limit.left)}. Enter an amount up to that.")
    if direction == states.OUTGOING:
        _require_cash(account, amount)


def _require_cash(account: BrokerageAccount, amount: Decimal) -> None:
    cash = withdrawable(account=account)
    if cash is None or account.cash_as_of is None or account.cash_as_of < timezone.now() - CASH_MUST_BE_FROM:
        raise LimitReached("The broker can’t tell your cash right now. Please try again in a few minutes.")
    if amount > cash:
        raise LimitReached(f"You can withdraw up to {money.show(max(cash, ZERO))} right now.")

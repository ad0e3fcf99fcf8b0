"""How much may move: our limits and the broker's, known before anything is asked for, and the cash that may leave.

Called by transfers, under the account's lock, and by views, to say it beforehand. Amounts are US dollars.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import BrokerageAccount, User
from brokerage import banking_days, money
from funding import states
from funding.models import LimitOverride, Reversal, Transfer

ZERO = Decimal("0.00")
WINDOW = timedelta(days=30)
# A withdrawal is decided on the broker's figure of the last minutes, or not at all.
CASH_MUST_BE_FROM = timedelta(minutes=2)
# Our limits' own names, by which an intent's history keeps them.
SPANS = ("one transfer", "one day", "30 days")
WORDS = {states.INCOMING: "deposit", states.OUTGOING: "withdrawal"}


class LimitReached(Exception):
    """The amount is past a limit; `customer_message` says which, and what is left."""

    def __init__(self, customer_message: str) -> None:
        super().__init__(customer_message)
        self.customer_message = customer_message


@dataclass(frozen=True)
class Limit:
    """One limit, and what is left of it."""

    span: str
    label: str
    of: Decimal
    left: Decimal


def remaining(*, account: BrokerageAccount, direction: str, now: datetime | None = None) -> list[Limit]:
    """Return what is left of each limit in one direction: ours, and last the broker's.

    Ours per banking day counts what leaves with the same day's batch, so that a weekend counts with its Monday. The
    broker counts all that was asked for on New York's date, however it ended (its error 40010001 names the sum).
    """
    now = now or timezone.now()
    used = _used(account, direction, now)
    per_transfer, per_day, per_window = in_force(account=account, direction=direction, now=now)
    at_the_broker = Decimal(settings.BROKER_LIMIT_PER_DAY)
    return [
        Limit(SPANS[0], "In one transfer", per_transfer, per_transfer),
        Limit(SPANS[1], "Left today", per_day, max(ZERO, per_day - used["today"])),
        Limit(SPANS[2], "Left in these 30 days", per_window, max(ZERO, per_window - used["window"])),
        Limit(
            "one day at the broker",
            "Left at the broker today",
            at_the_broker,
            max(ZERO, at_the_broker - used["at_the_broker"]),
        ),
    ]


def _used(account: BrokerageAccount, direction: str, now: datetime) -> dict[str, Decimal]:
    """Return what counts against each limit, read in one go."""
    leaves_on = banking_days.leaves_on(now)
    moved = ~Q(status__in=states.ENDED_UNFUNDED)
    recent = Q(created_at__gt=now - WINDOW)
    perhaps = Transfer.objects.of(account, direction).exclude(sending__in=states.NEVER_HAPPENED)
    used = perhaps.filter(recent | Q(leaves_on=leaves_on)).aggregate(
        today=Sum("amount", filter=Q(leaves_on=leaves_on) & moved),
        window=Sum("amount", filter=recent & moved),
        at_the_broker=Sum("amount", filter=_on_this_date(now)),
    )
    return {name: amount or ZERO for name, amount in used.items()}


def _on_this_date(now: datetime) -> Q:
    return Q(created_at__gte=banking_days.day_begins(banking_days.today(now)))


def in_force(*, account: BrokerageAccount, direction: str, now: datetime) -> tuple[Decimal, Decimal, Decimal]:
    """Return our limits per transfer, per banking day and per 30 days: everybody's, or what ops set for this one."""
    everybodys = (settings.TRANSFER_LIMIT, settings.TRANSFER_LIMIT_PER_DAY, settings.TRANSFER_LIMIT_PER_30_DAYS)
    override = LimitOverride.in_force(account, direction, now=now)
    own = (override.per_transfer, override.per_day, override.per_30_days) if override else (None, None, None)
    first, second, third = (
        Decimal(common) if mine is None else mine for mine, common in zip(own, everybodys, strict=True)
    )
    return first, second, third


def next_possible_on(*, account: BrokerageAccount, direction: str, now: datetime | None = None) -> date | None:
    """Return the day from which the broker takes another transfer this way; None where it takes one today.

    It takes so many per direction and trading day, canceled and rejected ones not counted (its error 42210000).
    """
    now = now or timezone.now()
    if not settings.BROKER_TRANSFERS_PER_DAY:
        return None
    asked = Transfer.objects.of(account, direction).filter(_on_this_date(now)).counted()
    if asked.count() < settings.BROKER_TRANSFERS_PER_DAY:
        return None
    return banking_days.add(banking_days.today(now) + timedelta(days=1), 0)


def withdrawable(*, account: BrokerageAccount) -> Decimal | None:
    """Return what may leave now: the broker's figure, less what it does not know of yet.

    None while the broker has named no figure. Below zero where the customer owes.
    """
    if account.cash is None or account.cash_withdrawable is None:
        return None
    unseen = unseen_withdrawals(account=account) + unseen_reversals(account=account)
    return min(account.cash_withdrawable, account.cash) - unseen


def debt(*, account: BrokerageAccount) -> Decimal:
    """Return what is missing in the account, as after a deposit that came back when its money had left; or zero."""
    if account.cash is None:
        return ZERO
    return max(ZERO, unseen_reversals(account=account) - account.cash)


def unseen_withdrawals(*, account: BrokerageAccount) -> Decimal:
    """Return the withdrawals that the broker's figure may not deduct yet.

    Those in doubt, and those accepted after the figure was asked for. Deducting one twice is safe; missing one is not.
    """
    unseen = Q(sending__in=states.IN_DOUBT)
    if account.cash_as_of:
        unseen |= Q(accepted_at__gte=account.cash_as_of)
    counted = Transfer.objects.of(account, states.OUTGOING).counted().filter(unseen)
    return counted.aggregate(total=Sum("amount"))["total"] or ZERO


def unseen_reversals(*, account: BrokerageAccount) -> Decimal:
    """Return the settled deposits taken back since the broker's figure was asked for."""
    reversals = Reversal.objects.filter(transfer__brokerage_account=account)
    if account.cash_as_of:
        reversals = reversals.filter(created_at__gte=account.cash_as_of)
    return reversals.aggregate(total=Sum("amount"))["total"] or ZERO


def require_within(*, account: BrokerageAccount, direction: str, amount: Decimal) -> dict[str, Any]:
    """Return what lets `amount` move, for the intent's history: limits and figures change. Raises LimitReached."""
    minimum = Decimal(settings.TRANSFER_MINIMUM)
    if amount < minimum:
        raise LimitReached(f"The smallest amount is {money.show(minimum)}.")
    require_one_more(account=account, direction=direction)
    in_force = remaining(account=account, direction=direction)
    for limit in in_force:
        if amount > limit.left:
            raise LimitReached(f"{limit.label}: {money.show(limit.left)}. Enter an amount up to that.")
    decided_on: dict[str, Any] = {"limits": {limit.span: str(limit.of) for limit in in_force}}
    if direction == states.OUTGOING:
        decided_on |= _require_cash(account, amount)
    return decided_on


def require_one_more(*, account: BrokerageAccount, direction: str) -> None:
    """Return where the broker takes another transfer this way today. Raises LimitReached."""
    day = next_possible_on(account=account, direction=direction)
    if day is not None:
        word = WORDS[direction]
        raise LimitReached(
            f"The broker takes {settings.BROKER_TRANSFERS_PER_DAY} {word} per trading day. "
            f"You can ask for another one on {day:%a, %b} {day.day}."
        )


def _require_cash(account: BrokerageAccount, amount: Decimal) -> dict[str, str]:
    cash = withdrawable(account=account)
    if cash is None or account.cash_as_of is None or account.cash_as_of < timezone.now() - CASH_MUST_BE_FROM:
        raise LimitReached("The broker can’t tell your cash right now. Please try again in a few minutes.")
    owed = debt(account=account)
    if owed:
        raise LimitReached(
            f"{money.show(owed)} are missing in your account since a deposit came back. "
            "You can withdraw again once a deposit has made up for it."
        )
    if amount > cash:
        raise LimitReached(f"You can withdraw up to {money.show(max(cash, ZERO))} right now.")
    figure = min(account.cash_withdrawable or ZERO, account.cash or ZERO)
    return {"cash": str(figure), "cash_as_of": account.cash_as_of.isoformat()}


def set_override(
    *,
    account: BrokerageAccount,
    direction: str,
    per_transfer: Decimal | None,
    per_day: Decimal | None,
    per_30_days: Decimal | None,
    until: datetime | None,
    because: str,
    set_by: User,
) -> LimitOverride:
    """Give one customer other limits than everybody's; it replaces the override before whole, and nothing is changed.

    Takes effect with the next transfer, under the account's lock as all limits. With no amounts it ends the override.
    """
    with transaction.atomic(durable=True):
        account = BrokerageAccount.objects.select_for_update().get(pk=account.pk)
        return LimitOverride.objects.create(
            brokerage_account=account,
            direction=direction,
            per_transfer=per_transfer,
            per_day=per_day,
            per_30_days=per_30_days,
            until=until,
            because=because,
            set_by=set_by,
        )

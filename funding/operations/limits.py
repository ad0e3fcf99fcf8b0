"""How much may move: our limits and the broker's, known before anything is asked for, and the cash that may leave.

Called by transfers, under the account's lock, and by views, to say it beforehand. Amounts are US dollars.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum
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


@dataclass(frozen=True)
class Cash:
    """What may leave an account now, and what is taken off the broker's figure for it."""

    figure: Decimal | None  # the broker's; None while it has named none
    withdrawable: Decimal | None  # None while the broker has named no figure; below zero where the customer owes
    taken_back: Decimal  # settled deposits that came back since the figure was asked for
    under_way: Decimal  # all withdrawals that have not ended, whether or not the figure knows of them
    debt: Decimal
    as_of: datetime | None


@dataclass(frozen=True)
class Room:
    """How much may move one way now: read once, said on the page, decided on under the account's lock."""

    direction: str
    limits: list[Limit]
    next_possible_on: date | None  # None where the broker takes another transfer today
    cash: Cash | None  # for withdrawals

    def require(self, amount: Decimal) -> dict[str, Any]:
        """Return what lets `amount` move, as an intent's history keeps it. Raises LimitReached."""
        minimum = Decimal(settings.TRANSFER_MINIMUM)
        if amount < minimum:
            raise LimitReached(f"The smallest amount is {money.show(minimum)}.")
        self.require_one_more()
        for limit in self.limits:
            if amount > limit.left:
                raise LimitReached(f"{limit.label}: {money.show(limit.left)}. Enter an amount up to that.")
        decided_on: dict[str, Any] = {"limits": {limit.span: str(limit.of) for limit in self.limits}}
        return decided_on | (_require_cash(self.cash, amount) if self.cash is not None else {})

    def require_one_more(self) -> None:
        """Return where the broker takes another transfer this way today. Raises LimitReached."""
        day = self.next_possible_on
        if day is not None:
            raise LimitReached(
                f"The broker takes {settings.BROKER_TRANSFERS_PER_DAY} {WORDS[self.direction]} per trading day. "
                f"You can ask for another one on {day:%a, %b} {day.day}."
            )


def broker_lets(*, account: BrokerageAccount, direction: str) -> bool:
    """Say whether the broker's own blocks on an account, as its row was just read, let money move this way."""
    return account.takes_deposits if direction == states.INCOMING else account.takes_withdrawals


def room(*, account: BrokerageAccount, direction: str, now: datetime | None = None) -> Room:
    """Return what is left of each limit in one direction, ours and last the broker's, and the cash that may leave.

    Ours per banking day counts what leaves with the same day's batch, so that a weekend counts with its Monday. The
    broker counts all that was asked for on New York's date, however it ended (its error 40010001 names the sum).
    """
    now = now or timezone.now()
    used = _used(account, direction, now)
    per_transfer, per_day, per_window = in_force(account=account, direction=direction, now=now)
    at_the_broker = Decimal(settings.BROKER_LIMIT_PER_DAY)
    at_the_broker_left = max(ZERO, at_the_broker - used["at_the_broker"])
    found = [
        Limit(SPANS[0], "In one transfer", per_transfer, per_transfer),
        Limit(SPANS[1], "Left today", per_day, max(ZERO, per_day - used["today"])),
        Limit(SPANS[2], "Left in these 30 days", per_window, max(ZERO, per_window - used["window"])),
        Limit("one day at the broker", "Left at the broker today", at_the_broker, at_the_broker_left),
    ]
    cash = cash_of(account=account) if direction == states.OUTGOING else None
    return Room(direction, found, _next_possible_on(used["asked_today"], now), cash)


def remaining(*, account: BrokerageAccount, direction: str, now: datetime | None = None) -> list[Limit]:
    """Return what is left of each limit in one direction."""
    return room(account=account, direction=direction, now=now).limits


def _used(account: BrokerageAccount, direction: str, now: datetime) -> dict[str, Any]:
    """Return what counts against each limit, read in one go."""
    leaves_on = banking_days.leaves_on(now)
    moved = ~Q(status__in=states.ENDED_UNFUNDED)
    recent = Q(created_at__gt=now - WINDOW)
    perhaps = Transfer.objects.of(account, direction).exclude(sending__in=states.NEVER_HAPPENED)
    used = perhaps.filter(recent | Q(leaves_on=leaves_on)).aggregate(
        today=Sum("amount", filter=Q(leaves_on=leaves_on) & moved),
        window=Sum("amount", filter=recent & moved),
        at_the_broker=Sum("amount", filter=_on_this_date(now)),
        asked_today=Count("pk", filter=_on_this_date(now) & moved),
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
    """Return the day from which the broker takes another transfer this way; None where it takes one today."""
    now = now or timezone.now()
    return _next_possible_on(_used(account, direction, now)["asked_today"], now)


def _next_possible_on(asked_today: Decimal | int, now: datetime) -> date | None:
    """It takes so many per direction and trading day, canceled and rejected ones not counted (its error 42210000)."""
    if not settings.BROKER_TRANSFERS_PER_DAY or asked_today < settings.BROKER_TRANSFERS_PER_DAY:
        return None
    return banking_days.add(banking_days.today(now) + timedelta(days=1), 0)


def cash_of(*, account: BrokerageAccount) -> Cash:
    """Return the cash that may leave, with all that goes into it."""
    unseen, under_way = _withdrawals(account)
    taken_back = unseen_reversals(account=account)
    figure = _figure(account)
    return Cash(
        figure=figure,
        withdrawable=None if figure is None else figure - unseen - taken_back,
        taken_back=taken_back,
        under_way=under_way,
        debt=_debt(account, taken_back),
        as_of=account.cash_as_of,
    )


def withdrawable(*, account: BrokerageAccount) -> Decimal | None:
    """Return what may leave now: the broker's figure, less what it does not know of yet."""
    return cash_of(account=account).withdrawable


def _figure(account: BrokerageAccount) -> Decimal | None:
    """Return the broker's figure; it names nothing below zero as withdrawable, though the cash may be."""
    if account.cash is None or account.cash_withdrawable is None:
        return None
    return min(account.cash_withdrawable, account.cash)


def debt(*, account: BrokerageAccount) -> Decimal:
    """Return what is missing in the account, as after a deposit that came back when its money had left; or zero."""
    return _debt(account, unseen_reversals(account=account))


def _debt(account: BrokerageAccount, taken_back: Decimal) -> Decimal:
    return ZERO if account.cash is None else max(ZERO, taken_back - account.cash)


def _withdrawals(account: BrokerageAccount) -> tuple[Decimal, Decimal]:
    """Return the withdrawals that the broker's figure may not deduct yet, and all that have not ended.

    Unseen are those in doubt, and those accepted after the figure was asked for. Deducting one twice is safe; missing
    one is not.
    """
    unseen = Q(sending__in=states.IN_DOUBT)
    if account.cash_as_of:
        unseen |= Q(accepted_at__gte=account.cash_as_of)
    moving = ~Q(status__in=[*states.FINAL, states.COMPLETE])
    found = Transfer.objects.of(account, states.OUTGOING).counted().filter(unseen | moving)
    sums = found.aggregate(unseen=Sum("amount", filter=unseen), moving=Sum("amount", filter=moving))
    return sums["unseen"] or ZERO, sums["moving"] or ZERO


def unseen_reversals(*, account: BrokerageAccount) -> Decimal:
    """Return the settled deposits taken back since the broker's figure was asked for."""
    reversals = Reversal.objects.filter(transfer__brokerage_account=account)
    if account.cash_as_of:
        reversals = reversals.filter(created_at__gte=account.cash_as_of)
    return reversals.aggregate(total=Sum("amount"))["total"] or ZERO


def require_within(*, account: BrokerageAccount, direction: str, amount: Decimal) -> dict[str, Any]:
    """Return what lets `amount` move, for the intent's history: limits and figures change. Raises LimitReached."""
    return room(account=account, direction=direction).require(amount)


def _require_cash(cash: Cash, amount: Decimal) -> dict[str, str]:
    if cash.withdrawable is None or cash.as_of is None or cash.as_of < timezone.now() - CASH_MUST_BE_FROM:
        raise LimitReached("The broker can’t tell your cash right now. Please try again in a few minutes.")
    if cash.debt:
        raise LimitReached(owing(cash.debt))
    if amount > cash.withdrawable:
        raise LimitReached(f"You can withdraw up to {money.show(max(cash.withdrawable, ZERO))} right now.")
    return {"cash": str(cash.figure), "cash_as_of": cash.as_of.isoformat()}


def owing(debt: Decimal) -> str:
    """Return what a customer reads whose account owes `debt` US dollars."""
    return (
        f"{money.show(debt)} is missing in your account since a deposit came back. "
        "You can withdraw again once a deposit has made up for it."
    )


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

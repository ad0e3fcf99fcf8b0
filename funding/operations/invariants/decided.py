"""Invariants 4 and 6: what was let through under the account's lock kept within the cash and the limits of its time.

Both were decided on what stood then: the broker's figure of the cash, and limits that a setting may have moved since.
So each intent's first history row says what it was decided on (see limits.require_within), and this holds the intents,
one after another as they were asked for, against it. Where that row says nothing, today's limits are what there is to
compare with, and a difference is a warning. The cash of today proves nothing about yesterday's withdrawals: a returned
deposit or a purchase takes it below what is open without anybody having done wrong.

What was made elsewhere is left out, since nobody knows whether we had heard of it by then; and so is what moved no
money in the end. Both could only have left less room, so what is reported here is broken for certain.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, FilteredRelation, Q, QuerySet

from accounts.models import BrokerageAccount
from brokerage import money
from funding import states
from funding.models import Transfer
from funding.operations.invariants.pages import ROWS_A_PAGE
from funding.operations.invariants.stories import CLOCKS_APART, amount, as_text
from funding.operations.limits import CASH_MUST_BE_FROM, SPANS, WINDOW, ZERO, in_force

Found = Iterator[tuple[str, bool]]  # what is broken, and whether that is a warning only


class Running:
    """The intents of one account in one direction within the last 30 days, as they come."""

    def __init__(self) -> None:
        self.place: tuple[UUID, str] | None = None
        self.earlier: deque[Any] = deque()

    def take(self, row: Any) -> bool:
        """Take one more intent; return whether it is another one than the last."""
        if self.earlier and self.earlier[-1].pk == row.pk:
            return False
        if self.place != (row.brokerage_account_id, row.direction):
            self.place, self.earlier = (row.brokerage_account_id, row.direction), deque()
        while self.earlier and self.earlier[0].created_at <= row.created_at - WINDOW:
            self.earlier.popleft()
        self.earlier.append(row)
        return True

    def total(self, counts: Callable[[Any], bool]) -> Decimal:
        """Return the sum of those that count, the last one included."""
        return sum((sum_of(row) for row in self.earlier if counts(row)), ZERO)


def page_by_page(*, size: int = ROWS_A_PAGE) -> Iterator[list[Any]]:
    """Yield every counted intent: account by account, direction by direction, as they were asked for."""
    page = list(_in_order(_intents())[:size])
    while page:
        yield page
        rest, beyond = _behind(page[-1])
        page = list(rest[:size]) or list(beyond[:size])


def _behind(last: Any) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Return what is left of the same account and direction, and what lies beyond: no index is read twice so."""
    account, direction, at = last.brokerage_account_id, last.direction, last.created_at
    rest = _intents().filter(brokerage_account=account, direction=direction, created_at__gte=at)
    beyond = _intents().filter(brokerage_account__gte=account)
    rest = rest.exclude(created_at=at, pk__lte=last.pk)
    return _in_order(rest), _in_order(beyond.exclude(brokerage_account=account, direction__lte=direction))


def _in_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by("brokerage_account_id", "direction", "created_at", "pk")


def _intents() -> QuerySet[Any]:
    first = FilteredRelation("events", condition=Q(events__field="sending", events__before=""))
    columns = ("pk", "brokerage_account_id", "direction", "created_at", "accepted_at", "leaves_on")
    counted = Transfer.objects.filter(origin=Transfer.Origin.CUSTOMER).counted().annotate(first=first)
    return counted.annotate(amount_text=as_text("amount"), decided_on=F("first__evidence")).values_list(
        *columns, "amount_text", "decided_on", named=True
    )


def sum_of(row: Any) -> Decimal:
    """Return the amount of an intent; one that is no number is reported by invariant 3."""
    return amount(row.amount_text) or ZERO


def _written_down(row: Any) -> dict[str, Any]:
    return row.decided_on if isinstance(row.decided_on, dict) else {}


# --- 6: limits --------------------------------------------------------------------------------------------------------


def kept_within_limits(row: Any, running: Running) -> Found:
    """One transfer, those that leave with the same banking day, and those of 30 days, kept within their limits."""
    then = _written_down(row).get("limits")
    limits = then or _limits_as_far_as_known(row)
    sums = {
        SPANS[0]: sum_of(row),
        SPANS[1]: running.total(lambda one: one.leaves_on == row.leaves_on),
        SPANS[2]: running.total(lambda one: True),
    }
    for span, asked_for in sums.items():
        limit = Decimal(limits[span])
        if asked_for > limit:
            when = "" if then else " now, and nothing says what it was then"
            yield f"takes {span} to {money.show(asked_for)}; the limit is {money.show(limit)}{when}", not then


def _limits_as_far_as_known(row: Any) -> dict[str, Decimal]:
    """Return today's limits, with what ops had set for this customer by then."""
    account = BrokerageAccount(pk=row.brokerage_account_id)
    found = in_force(account=account, direction=row.direction, now=row.created_at)
    return dict(zip(SPANS, found, strict=True))


# --- 4: cash ----------------------------------------------------------------------------------------------------------


def kept_within_cash(row: Any, running: Running) -> Found:
    """A withdrawal, with those that the broker's figure did not know of, kept within that figure, which was fresh."""
    then = _written_down(row)
    if row.direction != states.OUTGOING or not then.get("cash_as_of"):
        return
    cash, as_of = Decimal(then["cash"]), datetime.fromisoformat(then["cash_as_of"])
    out = running.total(lambda one: one.accepted_at is None or one.accepted_at >= as_of)
    if out > cash:
        yield f"takes open withdrawals to {money.show(out)}; the cash was {money.show(cash)}", False
    if row.created_at - as_of > CASH_MUST_BE_FROM + CLOCKS_APART:
        yield "was decided on a figure of the cash that was too old", False

"""Cash: the broker's rows are read first, all accounts' in one list, and then matched account by account."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from accounts.findings import BrokerAway, Finding
from accounts.models import BrokerageAccount
from accounts.operations import account_reconciliation
from accounts.operations.account_reconciliation import Scope
from brokerage import stopping
from brokerage.gateways import broker, broker_activities
from brokerage.gateways.errors import VendorError
from funding import break_kinds
from funding.models import CashActivity, ReconciliationRun, Transfer
from funding.operations import cash_books, strange_cash
from funding.operations.breaks import Book
from funding.operations.reconciling.way import Way, batches

# Rows of cash are corrected for days: those of so long ago are read again.
CASH_AGAIN = timedelta(days=10)
ROW = "row "  # what the position of a run begins with while it reads


def match_cash(way: Way) -> Iterator[Finding]:
    """Read the rows of cash first, and then match account by account."""
    until = timezone.now() + broker.clock_ahead()
    unwritten: list[CashActivity] = []
    if not way.run or _is_reading(way.run):
        _read_cash(way, until, unwritten)
    if way.scope.account is None:
        yield from _of_accounts_not_held(way)
    for batch in batches(way, _to_match(way.scope, unwritten)):
        yield from _match(way, batch, unwritten)


def _of_accounts_not_held(way: Way) -> list[Finding]:
    if way.dry_run:
        return []
    strange_cash.connect()
    found = list(strange_cash.of_accounts_not_held())
    way.keep_all(None, found)
    return found


def _read_cash(way: Way, until: datetime, unwritten: list[CashActivity]) -> None:
    """Read page after page, all or nothing of what is to be matched. Raises BrokerAway."""
    account = way.scope.account.alpaca_id if way.scope.account else ""
    after, last = _where(way)
    while stopping.goes_on():
        try:
            page = way.ask(broker_activities.cash_page, after=after, until=until, account_id=account, after_row=last)
        except VendorError as fault:  # what is not read would look like missing cash, so nothing is concluded
            raise BrokerAway(str(fault)) from None
        if not page:
            way.stand_at(str(uuid.UUID(int=0)))
            return
        last = page[-1].alpaca_id
        if way.dry_run:
            unwritten += cash_books.unknown_of(page)
        else:
            cash_books.keep_page(page)
        way.done(position=f"{ROW}{after.isoformat()} {last}", rows=len(page))


def _is_reading(run: ReconciliationRun) -> bool:
    """Say whether a run has not read all the rows yet: it stands at one of them, and later at an account."""
    return not run.position or run.position.startswith(ROW)


def _where(way: Way) -> tuple[datetime, str]:
    """Return from when on, and behind which row, to read: where a run was killed, or cut short."""
    if way.run and way.run.position.startswith(ROW):
        after, last = way.run.position.removeprefix(ROW).split(" ", 1)
        return datetime.fromisoformat(after), last
    return _cash_from(way), ""


def _cash_from(way: Way) -> datetime:
    """Return from when on rows of cash are read: some days before the run before, or all there are."""
    if way.scope.since:
        return way.scope.since
    done = ReconciliationRun.objects.filter(area=way.area, scope__in=["", "full"]).exclude(finished_at=None).first()
    if done and not way.scope.full and not way.scope.account:
        return done.began_at - CASH_AGAIN
    firsts = [model.objects.aggregate(first=Min("created_at"))["first"] for model in (BrokerageAccount, Transfer)]
    return min((first for first in firsts if first), default=timezone.now()) - account_reconciliation.BEFORE_OURS


def _to_match(scope: Scope, unwritten: list[CashActivity]) -> QuerySet[BrokerageAccount]:
    if scope.account:
        return BrokerageAccount.objects.filter(pk=scope.account.pk)
    if scope.full:
        held = Q(pk__in=CashActivity.objects.exclude(brokerage_account=None).values("brokerage_account"))
        held |= Q(pk__in=Transfer.objects.exclude(alpaca_id=None).values("brokerage_account"))
        return BrokerageAccount.objects.filter(held)
    return cash_books.to_match() | BrokerageAccount.objects.filter(
        pk__in=[row.brokerage_account_id for row in unwritten]
    )


def _match(way: Way, batch: list[BrokerageAccount], unwritten: list[CashActivity]) -> Iterator[Finding]:
    here = {account.pk for account in batch}
    also = [row for row in unwritten if row.brokerage_account_id in here]
    book = Book(here, break_kinds.codes(way.area))
    for account, rows, found in cash_books.match_accounts(batch, dry_run=way.dry_run, also=also):
        way.keep(account.pk, book, found)
        yield from found
        way.done(position=str(account.pk), rows=rows)

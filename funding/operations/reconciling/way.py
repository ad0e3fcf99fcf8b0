"""How one run of reconciliation goes: its scope, whom it asks at what rate, how far it has come, what it keeps.

Called by the modules beside it, one for each of the books.
"""

import logging
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.findings import BrokerAway, Finding
from accounts.models import BrokerageAccount
from accounts.operations import leases
from accounts.operations.account_reconciliation import Scope
from accounts.operations.asking import Asking
from brokerage import stopping
from funding import break_kinds
from funding.models import ReconciliationRun
from funding.operations.breaks import Book

log = logging.getLogger(__name__)

# Accounts whose rows are read at once.
BATCH = 100

Progress = Callable[[int], None]


def quietly(done: int) -> None:
    """Tell nobody how far it has come."""


@dataclass
class Way:
    """How a run goes: what it may write, whom it asks, and whom it tells."""

    area: str
    scope: Scope
    dry_run: bool
    asking: Asking
    progress: Progress = quietly
    run: ReconciliationRun | None = None
    lease: leases.Held | None = None
    compared: int = 0
    rows: int = 0
    calls: int = 0

    def ask(self, read: Callable[..., Any], *args: Any, **query: Any) -> Any:
        """Ask a vendor within the rate budget. Raises VendorError, BrokerAway."""
        self.calls += 1
        return self.asking.ask(read, *args, **query)

    def done(self, *, position: str = "", rows: int = 0) -> None:
        """Keep that one more account (item, page) has been compared."""
        self.compared, self.rows = self.compared + 1, self.rows + rows
        if self.run:
            self.run.position = position or self.run.position
            self.run.compared, self.run.rows, self.run.calls = self.compared, self.rows, self.calls
        if self.lease:
            self.lease.renew()
        self.progress(self.compared)

    def stand_at(self, position: str) -> None:
        """Write down that the run has come to a place."""
        if self.run:
            self.run.position = position
            self.run.save()

    def keep_place(self) -> None:
        """Write down how far the run has come."""
        if self.run:
            self.run.save()

    def keep(
        self, account: uuid.UUID | None, book: Book, found: Sequence[Finding], *, unsure: Collection[str] = ()
    ) -> None:
        """Bring the breaks of one account to what was found, unless this is a dry run; `unsure` as Book.keep.

        Where something could not be compared, nothing that was not found is gone.
        """
        if self.run is None:
            return
        left = [finding for finding in found if finding.code]
        self.run.found += len(left)
        self.run.healed += sum(finding.mended for finding in left)
        self.run.uncompared += len(found) - len(left)
        book.keep(account, left, unsure=unsure if len(left) == len(found) else break_kinds.KINDS)

    def keep_all(self, account: uuid.UUID | None, found: Sequence[Finding]) -> None:
        """Bring the breaks of one account in this area to what was found."""
        if self.run is not None:
            self.keep(account, Book([account], break_kinds.codes(self.area)), found)


def guarded(account: BrokerageAccount, compare: Callable[..., Iterator[Finding]], *args: Any) -> list[Finding]:
    """Return what comparing an account found; one on which our own code fails is told of, and the others go on."""
    try:
        return list(compare(*args))
    except (BrokerAway, leases.HeldByAnother):
        raise
    except Exception as bug:
        log.exception("brokerage account %s could not be compared", account.pk)
        what = f"could not be compared: {type(bug).__name__}"
        return [Finding(f"brokerage account {account.pk}", what, mended=False, account=account.pk)]


def batches(way: Way, accounts: QuerySet[BrokerageAccount]) -> Iterator[list[BrokerageAccount]]:
    """Yield the accounts, some at a time, behind where a run was killed; each batch's end is written down."""
    last = way.run.position if way.run and not way.scope.account else ""
    while stopping.goes_on() and (
        batch := list(accounts.filter(pk__gt=last or uuid.UUID(int=0)).order_by("pk")[:BATCH])
    ):
        yield batch
        way.keep_place()
        last = str(batch[-1].pk)

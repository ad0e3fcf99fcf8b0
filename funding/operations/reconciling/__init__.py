"""Going through one of the books, from one account to the next: resumed where it was killed, within a rate budget.

Called by the commands reconcile and reconcile_…, by the worker and admin; calls the operations that compare. Each
account's breaks are brought to what was found as soon as it has been compared.

    accounts        people and their accounts ↔ the broker's
    items           logins ↔ Plaid's items
    relationships   bank accounts ↔ the broker's, and the logins they hang on
    transfers       what was asked for here ↔ the broker's transfers
    cash            the broker's transfers, as we hold them ↔ its cash
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.findings import Finding
from accounts.operations import leases
from accounts.operations.account_reconciliation import Scope
from accounts.operations.asking import Asking
from brokerage import stopping
from funding import break_kinds
from funding.models import ReconciliationRun
from funding.operations.reconciling.cash import match_cash
from funding.operations.reconciling.links import compare_accounts, compare_items, compare_relationships
from funding.operations.reconciling.transfers import compare_transfers
from funding.operations.reconciling.way import Progress, Way, quietly

log = logging.getLogger(__name__)

# A run that died is carried on for so long; after that everything is looked at anew.
RESUMED_FOR = timedelta(hours=24)

AREAS: dict[str, Callable[[Way], Iterator[Finding]]] = {
    break_kinds.PEOPLE: compare_accounts,
    break_kinds.ITEMS: compare_items,
    break_kinds.LINKS: compare_relationships,
    break_kinds.TRANSFERS: compare_transfers,
    break_kinds.CASH: match_cash,
}


def reconcile(
    area: str,
    scope: Scope,
    *,
    dry_run: bool,
    holder: str,
    asking: Asking | None = None,
    progress: Progress = quietly,
) -> Iterator[Finding]:
    """Go through one of break_kinds.AREAS, and yield each difference as it is found.

    Raises leases.HeldByAnother where another process does this already, BrokerAway where the rest has to wait.
    """
    asking = asking or Asking(per_minute=settings.RECONCILE_READS_PER_MINUTE)
    way = Way(area, scope, dry_run, asking, progress)
    with nullcontext() if dry_run else leases.held(f"reconcile {area}", holder=holder) as lease:
        way.lease = lease
        way.run = None if dry_run else _begin(way, holder)
        try:
            yield from AREAS[area](way)
            if way.run and stopping.goes_on():  # one that was cut short is carried on later
                way.run.finished_at = timezone.now()
        finally:
            way.keep_place()


def _begin(way: Way, holder: str) -> ReconciliationRun:
    """Return the run to carry on, or a new one."""
    scope = _name_of(way.scope)
    unfinished = ReconciliationRun.objects.filter(area=way.area, scope=scope, finished_at=None)
    recent = unfinished.filter(began_at__gt=timezone.now() - RESUMED_FOR)
    left = None if way.scope.account else recent.first()  # one account is soon asked about anew
    if left is None:
        return ReconciliationRun.objects.create(area=way.area, scope=scope, holder=holder)
    log.info("reconcile %s: carried on behind %s", way.area, left.position or "nothing")
    left.holder = holder
    way.compared, way.rows, way.calls = left.compared, left.rows, left.calls
    return left


def _name_of(scope: Scope) -> str:
    since = f"since {scope.since.isoformat()}" if scope.since else ""
    return (
        f"account {scope.account.pk}"
        if scope.account
        else " ".join(filter(None, ["full" * scope.full, "due" * scope.due, since]))
    )

"""The safety net under the event streams: what moves is held against the broker every few minutes.

Called by the worker. What is at rest is compared once a day, by whichever sweep comes first after that.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from accounts.operations import account_status
from accounts.operations.account_reconciliation import Scope
from accounts.operations.asking import Asking
from accounts.operations.leases import HeldByAnother
from brokerage import stopping
from funding import break_kinds, states
from funding.models import ACHRelationship, ReconciliationRun
from funding.operations import reconciling, relationship_reconciliation
from funding.operations.breaks import Book

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=30)
DUE = "due"  # the scope of a sweep


def sweep(*, holder: str) -> Iterator[Finding]:
    """Compare bank accounts that are on their way, transfers that are due, and people; yield each difference.

    Raises BrokerAway: the rest has to wait. What was compared stands.
    """
    asking = Asking(per_minute=settings.RECONCILE_READS_PER_MINUTE)
    yield from _banks(asking)
    due = Scope(due=True)
    try:
        yield from reconciling.reconcile(break_kinds.TRANSFERS, due, dry_run=False, holder=holder, asking=asking)
    except HeldByAnother:
        log.info("sweep: another process reconciles transfers already")
    yield from account_status.reconcile(ask=asking.ask)


def forget_old() -> int:
    """Forget that sweeps of long ago were made; what they found is kept. Return how many."""
    before = timezone.now() - KEPT_FOR
    return ReconciliationRun.objects.filter(scope=DUE, finished_at__lt=before).delete()[0]


def _banks(asking: Asking) -> Iterator[Finding]:
    on_their_way = ACHRelationship.objects.open_at_the_broker().exclude(status=states.APPROVED, ending_at=None)
    accounts = BrokerageAccount.objects.filter(pk__in=on_their_way.values("brokerage_account"))
    for account in stopping.while_wanted(accounts.order_by("pk").iterator(chunk_size=500)):
        found = list(relationship_reconciliation.reconcile_account(account=account, ask=asking.ask))
        yield from found
        if all(finding.code for finding in found):
            book = Book([account.pk], break_kinds.codes(break_kinds.LINKS))
            book.keep(account.pk, found, unsure=relationship_reconciliation.unsure_of(account))

"""The safety net under the event streams: what moves is held against the broker every few minutes.

Called by the worker. What is at rest is compared once a day, by whichever sweep comes first after that.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from accounts.findings import BrokerAway, Finding
from accounts.models import BrokerageAccount
from accounts.operations.account_reconciliation import Scope
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
    """Compare bank accounts that are on their way, and transfers that are due; yield each difference."""
    yield from _banks()
    try:
        yield from reconciling.reconcile(break_kinds.TRANSFERS, Scope(due=True), dry_run=False, holder=holder)
    except HeldByAnother:
        log.info("sweep: another process reconciles transfers already")
    except BrokerAway as away:
        log.info("sweep: the broker is away (%s)", away)


def forget_old() -> int:
    """Forget that sweeps of long ago were made; what they found is kept. Return how many."""
    before = timezone.now() - KEPT_FOR
    return ReconciliationRun.objects.filter(scope=DUE, finished_at__lt=before).delete()[0]


def _banks() -> Iterator[Finding]:
    on_their_way = ACHRelationship.objects.open_at_the_broker().exclude(status=states.APPROVED, ending_at=None)
    accounts = BrokerageAccount.objects.filter(pk__in=on_their_way.values("brokerage_account"))
    for account in stopping.while_wanted(accounts.order_by("pk").iterator(chunk_size=500)):
        found = list(relationship_reconciliation.reconcile_account(account=account))
        yield from found
        if all(finding.code for finding in found):
            book = Book([account.pk], break_kinds.codes(break_kinds.LINKS))
            book.keep(account.pk, found, unsure=relationship_reconciliation.unsure_of(account))

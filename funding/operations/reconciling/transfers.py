"""Transfers: what was asked for here, held against the broker's lists, some accounts at a time."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from accounts.operations import account_status
from accounts.operations.account_reconciliation import Scope
from brokerage import stopping
from brokerage.gateways import broker
from brokerage.gateways.errors import VendorError
from funding import break_kinds, states
from funding.models import ACHRelationship, Break, Transfer
from funding.operations import cash_check, reconciliation
from funding.operations.breaks import Book
from funding.operations.reconciling.way import Way, batches, guarded

# An account where nothing moves is compared this often.
AT_REST_EVERY = timedelta(hours=24)


def compare_transfers(way: Way) -> Iterator[Finding]:
    for batch in batches(way, _with_transfers(way.scope)):
        ours: dict[uuid.UUID, list[Transfer]] = {account.pk: [] for account in batch}
        for transfer in reconciliation.ours_of(batch):
            ours[transfer.brokerage_account_id].append(transfer)
        book = Book([account.pk for account in batch], break_kinds.codes(way.area))
        for account in stopping.while_wanted(batch):
            began_at = timezone.now()
            # Cash first: what settles after it was read is found settled below, and nothing is concluded from it.
            cash_read = not way.dry_run and account_status.refresh_cash(account=account, ask=way.ask)
            found = guarded(account, _of_transfers, way, account, ours[account.pk])
            balance = cash_check.check_balance(account=account, findings=found) if cash_read else None
            found += balance or []
            way.keep(account.pk, book, found, unsure=[Break.CASH] if balance is None else ())
            yield from found
            if way.run and all(finding.code for finding in found):
                BrokerageAccount.objects.filter(pk=account.pk).update(compared_at=began_at)
            way.done(position=str(account.pk), rows=len(ours[account.pk]))


def _of_transfers(way: Way, account: BrokerageAccount, ours: list[Transfer]) -> Iterator[Finding]:
    began_at = timezone.now()
    try:
        listed = way.ask(broker.list_transfers, account.alpaca_id)
    except VendorError as fault:
        yield reconciliation.not_compared(account, fault)
        return
    yield from reconciliation.compare(account, ours, listed, began_at=began_at, dry_run=way.dry_run)


def _with_transfers(scope: Scope) -> QuerySet[BrokerageAccount]:
    """Return the accounts to compare: as a rule those with transfers that may still change, and those with a bank."""
    accounts = BrokerageAccount.objects.all()
    if scope.account:
        return accounts.filter(pk=scope.account.pk)
    if scope.since:
        touched = Transfer.objects.filter(Q(created_at__gte=scope.since) | Q(settled_at__gte=scope.since))
        return accounts.filter(pk__in=touched.values("brokerage_account"))
    if scope.full:
        with_bank = ACHRelationship.objects.exclude(alpaca_id=None).values("brokerage_account")
        held = Transfer.objects.exclude(alpaca_id=None).values("brokerage_account")
        return accounts.filter(Q(pk__in=held) | Q(pk__in=with_bank))
    if scope.due:
        return _due()
    return reconciliation.accounts_to_compare()


def _due() -> QuerySet[BrokerageAccount]:
    """Return the accounts where money moves now, and those at rest that were not compared for a day."""
    moving = Transfer.objects.moving().exclude(sending__in=states.UNSENT).values("brokerage_account")
    resting = Q(compared_at=None) | Q(compared_at__lt=timezone.now() - AT_REST_EVERY)
    to_compare = reconciliation.accounts_to_compare().filter(resting)
    return BrokerageAccount.objects.filter(Q(pk__in=moving) | Q(pk__in=to_compare.values("pk")))

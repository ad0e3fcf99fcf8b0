"""Bank accounts, logins and people: links ↔ items ↔ relationships, people ↔ accounts."""

from collections.abc import Iterator

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from accounts.operations import account_reconciliation
from brokerage import stopping
from brokerage.gateways import broker
from brokerage.gateways.errors import VendorError
from funding import break_kinds
from funding.models import ACHRelationship
from funding.operations import item_reconciliation, relationship_reconciliation
from funding.operations.breaks import Book
from funding.operations.reconciling.way import Way, batches, guarded


def compare_relationships(way: Way) -> Iterator[Finding]:
    with_bank = ACHRelationship.objects.open_at_the_broker()
    if way.scope.since:
        with_bank = with_bank.filter(created_at__gte=way.scope.since)
    if way.scope.full:
        with_bank = ACHRelationship.objects.exclude(alpaca_id=None)
    accounts = BrokerageAccount.objects.filter(pk__in=with_bank.values("brokerage_account"))
    if way.scope.account:
        accounts = BrokerageAccount.objects.filter(pk=way.scope.account.pk)
    for batch in batches(way, accounts):
        book = Book([account.pk for account in batch], break_kinds.codes(way.area))
        for account in stopping.while_wanted(batch):
            found = guarded(account, _of_banks, way, account)
            way.keep(account.pk, book, found, unsure=relationship_reconciliation.unsure_of(account))
            yield from found
            way.done(position=str(account.pk))


def _of_banks(way: Way, account: BrokerageAccount) -> Iterator[Finding]:
    try:
        listed = way.ask(broker.list_relationships, account.alpaca_id)
    except VendorError as fault:
        what = f"could not be compared: {fault}"
        yield Finding(f"brokerage account {account.pk}", what, mended=False, account=account.pk)
        return
    yield from relationship_reconciliation.compare(account, listed, dry_run=way.dry_run)


def compare_items(way: Way) -> Iterator[Finding]:
    behind = way.run.position if way.run and not way.scope.account else ""
    for account, found in item_reconciliation.reconcile_items(scope=way.scope, behind=behind, dry_run=way.dry_run):
        way.keep_all(account, found)
        yield from found
        way.done(position=str(account))
        if not stopping.goes_on():
            return


def compare_accounts(way: Way) -> Iterator[Finding]:
    since = way.run.began_at if way.run else None
    groups = account_reconciliation.compare(way.scope, dry_run=way.dry_run, asking=way.asking, since=since)
    for account, found in groups:
        if account or not way.scope.account:  # of one account alone not all is known that belongs to none
            way.keep_all(account, found)
        yield from found
        way.done()
        if not stopping.goes_on():
            return

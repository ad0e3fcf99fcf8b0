"""Comparing our books with the broker's, row by row: mended where the broker's word can be taken over, else reported.

Called by commands and the worker; calls gateways.broker. May be killed and run again at any point.
"""

from collections.abc import Iterator
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from brokerage import banking_days
from brokerage.gateways import broker
from brokerage.gateways.errors import VendorError
from brokerage.status import note
from funding import states
from funding.models import ACHRelationship, Transfer
from funding.operations import outcomes, settlement


def reconcile_relationships(*, dry_run: bool = False) -> Iterator[Finding]:
    """Compare every relationship that is open at the broker; yield each difference."""
    rows = ACHRelationship.objects.open_at_the_broker().select_related("brokerage_account").order_by("pk")
    for relationship in rows.iterator(chunk_size=500):
        try:
            yield from compare_relationship(relationship=relationship, dry_run=dry_run)
        except VendorError as fault:
            yield Finding(f"relationship {relationship.pk}", f"could not be compared: {fault}", mended=False)


def compare_relationship(*, relationship: ACHRelationship, dry_run: bool = False) -> Iterator[Finding]:
    """Compare one relationship with the broker's list; yield the difference. Raises VendorError."""
    subject = f"relationship {relationship.pk}"
    listed = broker.list_relationships(relationship.brokerage_account.alpaca_id)
    theirs = next((row for row in listed if row.alpaca_id == relationship.alpaca_id), None)
    if theirs is None and relationship.status in states.BEING_CANCELED:
        mended = _mend_relationship(relationship, states.CANCELED, dry_run=dry_run)
        yield Finding(subject, "removed there, as was asked for", mended=mended)
    elif theirs is None:
        # The broker may leave ended ones out of its list; whether it does is not documented.
        yield Finding(subject, f"ours {relationship.status}, not in the broker's list", mended=False)
    elif theirs.status != relationship.status:
        what = f"ours {relationship.status or 'new'}, the broker's {theirs.status}"
        yield Finding(subject, what, mended=_mend_relationship(relationship, theirs.status, dry_run=dry_run))


def _mend_relationship(relationship: ACHRelationship, status: str, *, dry_run: bool) -> bool:
    if dry_run:
        return states.relationship_may_move(relationship.status, status)
    return settlement.apply_to_relationship(relationship=relationship, status=status, actor="reconciliation")


def reconcile_transfers(*, dry_run: bool = False) -> Iterator[Finding]:
    """Compare every transfer that may still change with the broker's list, account by account; yield each difference.

    Transfers that the broker holds and we don't are taken in as EXTERNAL rows; to have any, an account needs a bank.
    """
    for account in accounts_to_compare():
        yield from reconcile_account(account=account, dry_run=dry_run)


def accounts_to_compare() -> Iterator[BrokerageAccount]:
    """Return the accounts with transfers that may still change, and those with a bank."""
    open_rows = Transfer.objects.under_reconciliation(now=timezone.now()).values("brokerage_account")
    with_bank = ACHRelationship.objects.open_at_the_broker().values("brokerage_account")
    accounts = BrokerageAccount.objects.filter(Q(pk__in=open_rows) | Q(pk__in=with_bank))
    return accounts.order_by("pk").iterator(chunk_size=500)


def reconcile_account(*, account: BrokerageAccount, dry_run: bool = False) -> Iterator[Finding]:
    """Compare one account's transfers with the broker's list; yield each difference, and keep when that was done."""
    try:
        yield from compare_account(account=account, dry_run=dry_run)
    except VendorError as fault:
        yield Finding(f"brokerage account {account.pk}", f"could not be compared: {fault}", mended=False)


def compare_account(*, account: BrokerageAccount, dry_run: bool = False) -> Iterator[Finding]:
    """Compare one account's transfers with the broker's list; yield each difference. Raises VendorError."""
    began_at = timezone.now()
    listed = {row.alpaca_id: row for row in broker.list_transfers(account.alpaca_id)}
    ours = Transfer.objects.filter(brokerage_account=account).exclude(alpaca_id=None)
    for transfer in ours.select_related("brokerage_account", "relationship").iterator(chunk_size=500):
        theirs = listed.pop(transfer.alpaca_id or "", None)
        yield from _compare(transfer, theirs, dry_run=dry_run)
    for unbound in listed.values():
        yield _take_in(account, unbound, dry_run=dry_run)
    if not dry_run:
        BrokerageAccount.objects.filter(pk=account.pk).update(compared_at=began_at)


def _compare(transfer: Transfer, theirs: broker.TransferAnswer | None, *, dry_run: bool) -> Iterator[Finding]:
    subject = f"transfer {transfer.pk}"
    if theirs is None:
        yield Finding(subject, f"ours {transfer.status}, not in the broker's list", mended=False)
        return
    if transfer.origin == Transfer.Origin.CUSTOMER:
        for oddity in outcomes.differences(transfer, theirs):
            yield Finding(subject, f"the broker's has {oddity}", mended=False)
    if theirs.status != transfer.status:
        what = f"ours {transfer.status or 'new'}, the broker's {theirs.status}"
        yield Finding(subject, what, mended=_mend_transfer(transfer, theirs, dry_run=dry_run))


def _mend_transfer(transfer: Transfer, theirs: broker.TransferAnswer, *, dry_run: bool) -> bool:
    if dry_run:
        return states.status_may_move(transfer.status, theirs.status)
    return settlement.apply(transfer=transfer, status=theirs.status, actor="reconciliation", reason=theirs.reason)


def _take_in(account: BrokerageAccount, theirs: broker.TransferAnswer, *, dry_run: bool) -> Finding:
    """Make a row for a transfer that was made elsewhere, unless it may be one of ours whose answer was lost."""
    subject = f"the broker's transfer {theirs.alpaca_id}"
    # One that waits for a person, and is bound, is not this one.
    if Transfer.objects.of(account, theirs.direction).perhaps_at_the_broker().filter(alpaca_id=None).exists():
        return Finding(subject, "may be one of ours in doubt: left to the resolver", mended=False)
    if theirs.amount is None or theirs.amount <= 0 or theirs.direction not in Transfer.Direction.values:
        return Finding(subject, "has no amount or direction that we can read", mended=False)
    if not dry_run:
        _create_external(account, theirs, theirs.amount)
    return Finding(subject, "made elsewhere: taken in as EXTERNAL", mended=True)


def _create_external(account: BrokerageAccount, theirs: broker.TransferAnswer, amount: Decimal) -> None:
    relationship = ACHRelationship.objects.filter(alpaca_id=theirs.relationship_id).first()
    try:
        with transaction.atomic(durable=True):
            transfer = Transfer.objects.create(
                user_id=account.user_id,
                brokerage_account=account,
                relationship=relationship if theirs.relationship_id else None,
                origin=Transfer.Origin.EXTERNAL,
                direction=theirs.direction,
                amount=amount,
                sending=states.ACCEPTED,
                alpaca_id=theirs.alpaca_id,
                created_at=theirs.created_at or timezone.now(),
                leaves_on=banking_days.leaves_on(theirs.created_at or timezone.now()),
                accepted_at=theirs.created_at or timezone.now(),
            )
            note(transfer, field="sending", after=states.ACCEPTED, actor="reconciliation", because="made elsewhere")
    except IntegrityError:
        return  # another process has taken it in
    settlement.apply(transfer=transfer, status=theirs.status, actor="reconciliation", reason=theirs.reason)

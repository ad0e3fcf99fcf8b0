"""One account's transfers held against the broker's list: mended where the broker's word can be taken over, else told.

Called by reconciling, the worker, the streams and admin; calls gateways.broker. May be killed and run again at
any point.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from brokerage import banking_days
from brokerage.gateways import broker
from brokerage.gateways.errors import VendorError
from brokerage.status import note
from funding import states
from funding.models import ACHRelationship, Transfer
from funding.operations import made_twice, outcomes, resolving, sent_before, settlement

ACTOR = "reconciliation"
# How long after it should have settled a transfer is overdue.
OVERDUE = 5  # banking days
DIFFERS = {
    "another account": "OTHER_ACCOUNT",
    "another direction": "DIRECTION_DIFFERS",
    "another relationship": "BANK_DIFFERS",
    "another amount": "AMOUNT_DIFFERS",
}


def accounts_to_compare() -> QuerySet[BrokerageAccount]:
    """Return the accounts with transfers that may still change, and those with a bank."""
    open_rows = Transfer.objects.under_reconciliation(now=timezone.now()).values("brokerage_account")
    with_bank = ACHRelationship.objects.open_at_the_broker().values("brokerage_account")
    return BrokerageAccount.objects.filter(Q(pk__in=open_rows) | Q(pk__in=with_bank))


def reconcile_account(*, account: BrokerageAccount, dry_run: bool = False) -> Iterator[Finding]:
    """Compare one account's transfers with the broker's list; yield each difference, and keep when that was done."""
    began_at = timezone.now()
    try:
        listed = broker.list_transfers(account.alpaca_id)
    except VendorError as fault:
        yield not_compared(account, fault)
        return
    yield from compare(account, ours_of([account]), listed, began_at=began_at, dry_run=dry_run)
    if not dry_run:
        BrokerageAccount.objects.filter(pk=account.pk).update(compared_at=began_at)


def not_compared(account: BrokerageAccount, fault: VendorError) -> Finding:
    """Say that an account's transfers could not be compared."""
    return Finding(
        f"brokerage account {account.pk}", f"could not be compared: {fault}", mended=False, account=account.pk
    )


def ours_of(accounts: Iterable[BrokerageAccount]) -> list[Transfer]:
    """Return the transfers of some accounts that the broker must know, with all that comparing them takes."""
    bound = Transfer.objects.filter(brokerage_account__in=accounts).exclude(alpaca_id=None)
    return list(bound.for_comparing().order_by("created_at"))


def compare(
    account: BrokerageAccount,
    ours: list[Transfer],
    listed: list[broker.TransferAnswer],
    *,
    began_at: datetime,
    dry_run: bool,
) -> Iterator[Finding]:
    """Hold one account's transfers against the broker's whole list, whose reading began then; yield each difference.

    Transfers that the broker holds and we don't are taken in as EXTERNAL rows, or adopted by the one in doubt.
    """
    theirs = {row.alpaca_id: row for row in listed}
    for transfer in ours:
        yield from _compare(transfer, theirs.pop(transfer.alpaca_id or "", None), began_at, dry_run=dry_run)
    strange = _of_others(account, theirs)
    elsewhere = []
    for row in theirs.values():
        finding = strange.get(row.alpaca_id) or _take_in(account, row, dry_run=dry_run)
        if finding is None:
            continue
        if finding.code == "MADE_ELSEWHERE":
            elsewhere.append(row)
        yield finding
    yield from made_twice.suspects(account, ours, elsewhere)


# --- One of ours ------------------------------------------------------------------------------------------------------


def _compare(
    transfer: Transfer, theirs: broker.TransferAnswer | None, began_at: datetime, *, dry_run: bool
) -> Iterator[Finding]:
    if theirs is None:
        if transfer.accepted_at is None or transfer.accepted_at <= began_at:  # a later one cannot be in the list
            yield _of(transfer, "NOT_LISTED", f"ours {transfer.status}, not in the broker's list", theirs)
        return
    for oddity in outcomes.differences(transfer, theirs) if transfer.origin == Transfer.Origin.CUSTOMER else ():
        yield _of(transfer, DIFFERS[oddity], f"the broker's has {oddity}", theirs)
    status = transfer.status
    if theirs.status != status and not _heard_meanwhile(transfer, theirs):
        what = f"ours {status or 'new'}, the broker's {theirs.status}"
        mended = _mend(transfer, theirs, dry_run=dry_run)
        yield _of(transfer, "STATUS_BEHIND" if mended else "STATUS_CONTRADICTS", what, theirs, mended=mended)
        transfer.status = theirs.status if mended else status
    status = transfer.status
    if status and status not in states.RANK:
        yield _of(transfer, "UNFAMILIAR_STATUS", f"the broker says {status}, which we do not know", theirs)
    if _is_overdue(transfer, status):
        yield _of(transfer, "OVERDUE", f"still {status}, expected by {transfer.expected_on}", theirs)


def _of(
    transfer: Transfer, code: str, what: str, theirs: broker.TransferAnswer | None, *, mended: bool = False
) -> Finding:
    return Finding(
        subject=f"transfer {transfer.pk}",
        what=what,
        mended=mended,
        code=code,
        account=transfer.brokerage_account_id,
        transfer=transfer.pk,
        ours=transfer.status or transfer.sending,
        theirs=theirs.status if theirs else "not listed",
        evidence={"ours": _shown(transfer), "theirs": shown(theirs) if theirs else {}},
    )


def _shown(transfer: Transfer) -> dict[str, str]:
    return {
        "id": str(transfer.pk),
        "broker's id": transfer.alpaca_id or "",
        "amount": str(transfer.amount),
        "direction": transfer.direction,
        "bank account": (transfer.relationship.alpaca_id or "") if transfer.relationship else "",
        "status": transfer.status,
        "made": transfer.created_at.isoformat(timespec="seconds"),
    }


def shown(theirs: broker.TransferAnswer) -> dict[str, str]:
    """Return the broker's transfer as evidence."""
    return {
        "broker's id": theirs.alpaca_id,
        "amount": "" if theirs.amount is None else str(theirs.amount),
        "direction": theirs.direction,
        "bank account": theirs.relationship_id,
        "status": theirs.status,
        "made": theirs.created_at.isoformat(timespec="seconds") if theirs.created_at else "",
    }


def _mend(transfer: Transfer, theirs: broker.TransferAnswer, *, dry_run: bool) -> bool:
    if dry_run:
        return states.status_may_move(transfer.status, theirs.status)
    return settlement.apply(
        transfer=transfer, status=theirs.status, actor=ACTOR, since=theirs.updated_at, reason=theirs.reason
    )


def _heard_meanwhile(transfer: Transfer, theirs: broker.TransferAnswer) -> bool:
    """Say whether the news has told what the list says since this row was read; the row then stands so, too."""
    if not Transfer.objects.filter(pk=transfer.pk, status=theirs.status).exists():
        return False
    transfer.status = theirs.status
    return True


def _is_overdue(transfer: Transfer, status: str) -> bool:
    if status in states.FINAL or status == states.COMPLETE or transfer.expected_on is None:
        return False
    return banking_days.today(timezone.now()) > banking_days.add(transfer.expected_on, OVERDUE)


# --- One of theirs ----------------------------------------------------------------------------------------------------


def _of_others(account: BrokerageAccount, theirs: dict[str, broker.TransferAnswer]) -> dict[str, Finding]:
    """Return, by the broker's ids, those in this account's list that are bound to a transfer of another account."""
    held = Transfer.objects.filter(alpaca_id__in=list(theirs)).exclude(brokerage_account=account) if theirs else ()
    what = "listed for this account, and bound to a transfer of another one"
    return {
        transfer.alpaca_id or "": Finding(
            f"the broker's transfer {transfer.alpaca_id}", what, mended=False, code="OTHER_ACCOUNT",
            account=account.pk, transfer=transfer.pk, ours=str(transfer.brokerage_account_id), theirs=str(account.pk),
            evidence={"theirs": shown(theirs[transfer.alpaca_id or ""])},
        )
        for transfer in held
    }  # fmt: skip


def _take_in(account: BrokerageAccount, theirs: broker.TransferAnswer, *, dry_run: bool) -> Finding | None:
    """Make a row for a transfer that was made elsewhere, unless it may be one of ours whose answer was lost.

    None for one that is bound by now, and for one that may be in the hands of whoever sends it at this moment.
    """
    if Transfer.objects.filter(alpaca_id=theirs.alpaca_id).exists():
        return None
    # One that waits for a person, and is bound, is not this one.
    rows = Transfer.objects.of(account, theirs.direction).perhaps_at_the_broker().filter(alpaca_id=None)
    doubts = list(rows.select_related("attempt", "brokerage_account", "relationship"))
    if any(_is_being_sent(each) for each in doubts):
        return None
    if doubts:
        return _adopt(account, doubts, theirs, dry_run=dry_run)
    unsent = Transfer.objects.of(account, theirs.direction).unsent().select_related("brokerage_account", "relationship")
    if known := next((each for each in unsent if sent_before.could_be(each, [theirs])), None):
        return _take_up(account, known, theirs, dry_run=dry_run)
    if theirs.amount is None or theirs.amount <= 0 or theirs.direction not in Transfer.Direction.values:
        return _found(account, theirs, "UNREADABLE", "has no amount or direction that we can read")
    if not dry_run:
        _create_external(account, theirs, theirs.amount)
    return _found(account, theirs, "MADE_ELSEWHERE", "made elsewhere: taken in as EXTERNAL", mended=True)


def _adopt(
    account: BrokerageAccount, doubts: list[Transfer], theirs: broker.TransferAnswer, *, dry_run: bool
) -> Finding:
    """Let the resolver look now for the one in doubt that fits; what it does not find is left to it, or to a person."""
    if fitting := next((each for each in doubts if _fits(each, theirs)), None):
        if dry_run:
            return _found(account, theirs, "ADOPTABLE", "fits one of ours in doubt", mended=True)
        resolving.resolve(transfer=fitting)
        if Transfer.objects.filter(pk=fitting.pk, alpaca_id=theirs.alpaca_id).exists():
            return _found(account, theirs, "ADOPTABLE", "was one of ours in doubt: adopted", mended=True)
    return _found(account, theirs, "MAY_BE_OURS", "may be one of ours in doubt: left to the resolver")


def _take_up(account: BrokerageAccount, unsent: Transfer, theirs: broker.TransferAnswer, *, dry_run: bool) -> Finding:
    """Adopt one that our books call not sent, as a copy from before its sending does; a held one waits for a person."""
    what = "fits one of ours that was not sent, as far as we know"
    if unsent.sending != states.RESERVED:
        return _found(account, theirs, "MAY_BE_OURS", what)
    if not dry_run:
        sent_before.take_up(transfer=unsent, sender=ACTOR, found=[theirs])
    mended = dry_run or Transfer.objects.filter(pk=unsent.pk, alpaca_id=theirs.alpaca_id).exists()
    return _found(account, theirs, "ADOPTABLE" if mended else "MAY_BE_OURS", what, mended=mended)


def _is_being_sent(transfer: Transfer) -> bool:
    attempt = getattr(transfer, "attempt", None)
    return transfer.sending == states.SENDING and attempt is not None and attempt.lease_until > timezone.now()


def _fits(transfer: Transfer, theirs: broker.TransferAnswer) -> bool:
    return transfer.sending == states.UNKNOWN and bool(resolving.fitting(transfer, [theirs]))


def _found(
    account: BrokerageAccount, theirs: broker.TransferAnswer, code: str, what: str, *, mended: bool = False
) -> Finding:
    return Finding(
        f"the broker's transfer {theirs.alpaca_id}", what, mended=mended, code=code, account=account.pk,
        ours="not held", theirs=theirs.status, evidence={"theirs": shown(theirs)},
    )  # fmt: skip


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
            note(transfer, field="sending", after=states.ACCEPTED, actor=ACTOR, because="made elsewhere")
    except IntegrityError:
        return  # another process has taken it in
    since, reason = theirs.updated_at, theirs.reason
    settlement.apply(transfer=transfer, status=theirs.status, actor=ACTOR, since=since, reason=reason)

"""What a return does: our matching entry, banks stopped, a customer frozen, a case for ops; and what undoes it.

Called by settlement inside the transaction of the news, and by admin. The table of effects stands in return_codes.
A return of money that has left leaves a debt: withdrawals that wait are called off with the return itself.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import BrokerageAccount, User
from brokerage import stamps
from funding import return_codes, states
from funding.models import ACHRelationship, Case, Freeze, Reversal, Transfer
from funding.operations import bank_stops, limits, telling
from funding.return_codes import ReturnCode

log = logging.getLogger(__name__)

# A second return for lack of money within this time stops deposits from that bank account.
FUNDS_RETURNS_WITHIN = timedelta(days=60)
_CASES = {
    return_codes.UNAUTHORIZED_GROUP: Case.Kind.UNAUTHORIZED,
    return_codes.CHANGED_HOLDER: Case.Kind.CHANGED_HOLDER,
    return_codes.QUESTIONED: Case.Kind.QUESTIONED,
    return_codes.BETWEEN_BANKS: Case.Kind.BETWEEN_BANKS,
    return_codes.NO_CODE_GROUP: Case.Kind.NO_CODE,
}
FROZEN = "the account is frozen"
OWED = "money is missing in the account"


class SamePerson(Exception):
    """A freeze is lifted by two persons: someone other than who asked has to do it."""


class NotFrozen(Exception):
    """There is no freeze to lift, or nobody has asked to."""


class AskedAlready(Exception):
    """Somebody has asked to lift this freeze already."""


def take_back(*, transfer: Transfer) -> None:
    """Do what the return of a locked transfer does, inside the transaction that makes it RETURNED."""
    found = return_codes.of(transfer.return_code)
    account = BrokerageAccount.objects.select_for_update().get(pk=transfer.brokerage_account_id)
    if transfer.settled_at is not None:
        reverse(transfer)
    if transfer.relationship is not None:
        _stop_banks(transfer.relationship, found, transfer)
    case = _open_case(transfer, found)
    if found.group in return_codes.FREEZING:
        freeze(account=account, because=found.because, actor="broker", case=case)
    _block_withdrawals(account, transfer)
    if found.group == return_codes.NO_CODE_GROUP:
        log.error("transfer %s returned without a code that we can read", transfer.pk)
    log.warning("transfer %s returned %s", transfer.pk, found.code or "without a code")


def reverse(transfer: Transfer) -> None:
    """Make our entry against a transfer that had settled; the database takes one."""
    Reversal.objects.create(transfer=transfer, amount=transfer.amount, return_code=transfer.return_code)


def _stop_banks(relationship: ACHRelationship, found: ReturnCode, transfer: Transfer) -> None:
    if found.group == return_codes.UNAUTHORIZED_GROUP:
        for each in bank_stops.standing_for(relationship, whole_login=True):
            each.suspend(because=found.because, actor="broker")
    elif found.group in return_codes.SUSPENDING:
        for each in bank_stops.standing_for(relationship):
            each.suspend(because=found.because, actor="broker")
    elif transfer.is_deposit and _lacked_money_twice(transfer):
        for each in bank_stops.standing_for(relationship):
            each.stop_deposits(because=found.because, actor="broker")


def _lacked_money_twice(transfer: Transfer) -> bool:
    """Say whether this bank account lacked the money now and for another transfer, less than sixty days apart."""
    if transfer.return_code not in return_codes.LACK_OF_MONEY or transfer.ended_at is None:
        return False
    near = (transfer.ended_at - FUNDS_RETURNS_WITHIN, transfer.ended_at + FUNDS_RETURNS_WITHIN)
    alike = Transfer.objects.filter(relationship=transfer.relationship, return_code__in=return_codes.LACK_OF_MONEY)
    return alike.filter(ended_at__range=near).exclude(pk=transfer.pk).exists()


def _open_case(transfer: Transfer, found: ReturnCode) -> Case | None:
    kind = _CASES.get(found.group)
    return _case(transfer, kind, found.because) if kind else None


def _case(transfer: Transfer, kind: str, because: str) -> Case:
    case, _ = Case.objects.get_or_create(
        transfer=transfer, kind=kind, defaults={"brokerage_account": transfer.brokerage_account, "because": because}
    )
    return case


def _block_withdrawals(account: BrokerageAccount, transfer: Transfer) -> None:
    """Call off withdrawals that wait where money is missing now; new ones are refused by limits."""
    owed = limits.debt(account=account)
    if owed and transfer.is_deposit:
        _case(transfer, Case.Kind.DEBT, f"{owed} dollars are missing since this deposit came back")
        call_off(account=account, direction=states.OUTGOING, because=OWED, actor="broker")


def call_off(*, account: BrokerageAccount, because: str, actor: str, direction: str | None = None) -> None:
    """Withdraw what was reserved and not sent, inside a transaction that holds the account's lock."""
    waiting = Transfer.objects.unsent().select_for_update().filter(brokerage_account=account)
    for transfer in waiting.filter(direction=direction) if direction else waiting:
        transfer.move_sending(states.WITHDRAWN, actor=actor, because=because, reason=because)
        telling.tell_sending(transfer)


def freeze(*, account: BrokerageAccount, because: str, actor: str, case: Case | None = None) -> Freeze:
    """Stop all of an account's transfers, inside a transaction that holds its lock.

    One freeze stands at a time; it takes up further reasons, and whoever wished to lift it has to ask anew.
    """
    standing = Freeze.objects.select_for_update().filter(brokerage_account=account, lifted_at=None).first()
    if standing is None:
        standing = Freeze.objects.create(brokerage_account=account, because=because[:300], frozen_by=actor, case=case)
        log.warning("brokerage account %s frozen", account.pk)
    else:
        standing.add_reason(because, actor=actor, case=case)
        log.warning("brokerage account %s frozen for another reason", account.pk)
    call_off(account=account, because=FROZEN, actor=actor)
    return standing


def freeze_by_hand(*, account: BrokerageAccount, because: str, person: User) -> Freeze:
    """Freeze an account on the word of a person of ops; it takes two to lift it."""
    with transaction.atomic(durable=True):
        locked = BrokerageAccount.objects.select_for_update().get(pk=account.pk)
        return freeze(account=locked, because=because, actor=f"ops {person.pk}")


def stamp_of(freeze: Freeze) -> str:
    """Return the stamp of what a page shows of a freeze: its reasons, and who wants it lifted, and why."""
    wish = freeze.lift_asked_at, freeze.lift_asked_by_id, freeze.lift_because
    return stamps.stamp(freeze.pk, freeze.because, freeze.lifted_at, *wish, freeze.further_reasons.count())


def ask_to_lift(*, freeze: Freeze, because: str, person: User, seen: str | None = None) -> None:
    """Note that one person wants a freeze lifted, and why; `seen` is the stamp of what the person was shown.

    Raises NotFrozen, AskedAlready, ChangedMeanwhile.
    """
    with transaction.atomic(durable=True):
        row = Freeze.objects.select_for_update().get(pk=freeze.pk)
        if row.lifted_at is not None:
            raise NotFrozen
        if row.lift_asked_by_id is not None:
            raise AskedAlready
        stamps.compare(seen, stamp_of(row))
        row.lift_asked_at, row.lift_asked_by, row.lift_because = timezone.now(), person, because[:300]
        row.save(update_fields=["lift_asked_at", "lift_asked_by", "lift_because"])


def lift(*, freeze: Freeze, person: User, seen: str | None = None) -> None:
    """Lift a freeze that someone else asked to lift; `seen` is the stamp of what the person was shown.

    Raises NotFrozen, ChangedMeanwhile, SamePerson; the database sees to it that there are two, too.
    """
    with transaction.atomic(durable=True):
        row = Freeze.objects.select_for_update().get(pk=freeze.pk)
        stamps.compare(seen, stamp_of(row))
        if row.lifted_at is not None or row.lift_asked_by_id is None:
            raise NotFrozen
        if row.lift_asked_by_id == person.pk:
            raise SamePerson
        row.lifted_at, row.lifted_by = timezone.now(), person
        row.save(update_fields=["lifted_at", "lifted_by"])
    log.warning("brokerage account %s: freeze lifted by ops %s", row.brokerage_account_id, person.pk)


def close_case(*, case: Case, outcome: str, person: User) -> bool:
    """Close a case with what was found; return whether it was open."""
    open_one = Case.objects.filter(pk=case.pk, closed_at=None)
    return bool(open_one.update(closed_at=timezone.now(), closed_by=person, outcome=outcome[:1000]))

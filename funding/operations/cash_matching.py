"""Rows of the broker's cash matched with transfers by a person, where the days or the news lie too far apart.

Called by breaks, in the transaction of whoever decides, and by admin. A person may say which two belong together; what
kind, sign and amount say is not theirs to overrule. Whatever is matched here stays so in later runs.
"""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from accounts.operations import leases
from brokerage import banking_days
from brokerage.status import note
from funding import break_kinds, states
from funding.models import CashActivity, Transfer
from funding.operations.matching import KIND_OF

log = logging.getLogger(__name__)

# So many are offered to choose from; any other is named by its id.
OFFERED = 20
MATCHABLE = (states.COMPLETE, states.RETURNED)


class CannotMatch(Exception):
    """These two do not belong together; the message says why, for ops."""


class NotThere(CannotMatch):
    """There is no transfer, or no row of cash, of that id."""

    def __init__(self) -> None:
        super().__init__("there is none of that id.")


class AnotherAccount(CannotMatch):
    def __init__(self) -> None:
        super().__init__("the one belongs to another brokerage account than the other.")


class AnotherDirection(CannotMatch):
    def __init__(self) -> None:
        super().__init__("cash of that kind is not booked for a transfer of that direction.")


class AnotherAmount(CannotMatch):
    def __init__(self) -> None:
        super().__init__("the amounts differ, and a match would only hide that.")


class NotSettled(CannotMatch):
    def __init__(self, role: str) -> None:
        had = "has settled" if role == CashActivity.BOOKING else "came back"
        super().__init__(f"by the broker’s word as we have it, that transfer never {had}.")


class RoleTaken(CannotMatch):
    def __init__(self) -> None:
        super().__init__("another row is matched with that transfer already.")


class MatchedAlready(CannotMatch):
    def __init__(self) -> None:
        super().__init__("that row is matched already.")


class TakenBack(CannotMatch):
    def __init__(self) -> None:
        super().__init__("the broker has taken that row back, so it stands for no money.")


class NotMatched(Exception):
    """This row is matched with no transfer: someone else was faster."""


@contextmanager
def alone(person: User) -> Iterator[None]:
    """Keep reconciliation from matching meanwhile. Raises leases.HeldByAnother while it does."""
    with leases.held(f"reconcile {break_kinds.CASH}", holder=f"ops {person.pk} {uuid.uuid4().hex[:8]}"):
        yield


# --- What may belong together -----------------------------------------------------------------------------------------


def role_of(cash: CashActivity, transfer: Transfer) -> str:
    """Return what a row would be of a transfer: its booking, or its reversal. Raises CannotMatch."""
    if cash.brokerage_account_id != transfer.brokerage_account_id:
        raise AnotherAccount
    if cash.kind != KIND_OF.get(transfer.direction):
        raise AnotherDirection
    signed = transfer.amount if transfer.is_deposit else -transfer.amount
    if abs(cash.amount) != transfer.amount:
        raise AnotherAmount
    role = CashActivity.BOOKING if cash.amount == signed else CashActivity.REVERSAL
    if transfer.status not in MATCHABLE or (role == CashActivity.REVERSAL and transfer.status != states.RETURNED):
        raise NotSettled(role)
    # The booking of one that came back may have been taken back in its place, without a row of its own.
    if cash.is_void and (role == CashActivity.REVERSAL or transfer.status != states.RETURNED):
        raise TakenBack
    return role


def transfers_for(cash: CashActivity) -> list[Transfer]:
    """Return the transfers that a row may have been booked for, the nearest in time first."""
    direction = next((way for way, kind in KIND_OF.items() if kind == cash.kind), "")
    same = Transfer.objects.filter(brokerage_account=cash.brokerage_account_id, direction=direction)
    same = same.filter(amount=abs(cash.amount), status__in=MATCHABLE)
    books = (cash.amount > 0) == (direction == states.INCOMING)
    role = CashActivity.BOOKING if books else CashActivity.REVERSAL
    free = same.exclude(Exists(CashActivity.objects.filter(transfer=OuterRef("pk"), role=role)))
    fitting = free if books and not cash.is_void else free.filter(status=states.RETURNED)
    return sorted(fitting, key=lambda each: _apart(each, cash))[:OFFERED]


def rows_for(transfer: Transfer) -> list[CashActivity]:
    """Return the unmatched rows that may have been booked for a transfer, or took it back, the nearest first."""
    held = set(CashActivity.objects.filter(transfer=transfer).values_list("role", flat=True))
    signed = transfer.amount if transfer.is_deposit else -transfer.amount
    wanted = Q(amount=signed) if CashActivity.BOOKING not in held else Q(pk=None)
    if transfer.status == states.RETURNED and CashActivity.REVERSAL not in held:
        wanted |= Q(amount=-signed)
    rows = CashActivity.objects.filter(wanted, brokerage_account=transfer.brokerage_account_id, role="")
    rows = rows.filter(kind=KIND_OF.get(transfer.direction, ""))
    fitting = rows if transfer.status == states.RETURNED else rows.exclude(status__in=CashActivity.VOID)
    return sorted(fitting, key=lambda each: _apart(transfer, each))[:OFFERED]


def _apart(transfer: Transfer, cash: CashActivity) -> tuple[int, str]:
    return abs((day_of(transfer) - cash.booked_on).days), str(transfer.pk)


def day_of(transfer: Transfer) -> date:
    """Return New York's day of the settling, or of what stands for it."""
    return banking_days.today(transfer.settled_at or transfer.ended_at or transfer.created_at)


def transfer_named(name: str) -> Transfer:
    """Return a transfer by our id or the broker's. Raises NotThere."""
    named = Q(alpaca_id=name)
    with suppress(ValueError):
        named |= Q(pk=uuid.UUID(name))
    found = Transfer.objects.filter(named).first()
    if found is None:
        raise NotThere
    return found


def cash_named(name: str) -> CashActivity:
    """Return a row of cash by the broker's id. Raises NotThere."""
    found = CashActivity.objects.filter(alpaca_id=name).first()
    if found is None:
        raise NotThere
    return found


# --- Matching, and taking it back -------------------------------------------------------------------------------------


def check(cash: CashActivity, transfer: Transfer) -> str:
    """Return the role in which a row can be matched with a transfer. Raises CannotMatch."""
    role = role_of(cash, transfer)
    if cash.role:
        raise MatchedAlready
    if CashActivity.objects.filter(transfer=transfer, role=role).exists():
        raise RoleTaken
    return role


def match_by_hand(*, cash: CashActivity, transfer: Transfer, person: User, because: str) -> CashActivity:
    """Bind a row of cash to a transfer, with a history row, in the transaction of the decision.

    Raises CannotMatch where the account, the direction or the amount is another one, where either is matched already,
    or the transfer never settled.
    """
    with transaction.atomic():
        row = CashActivity.objects.select_for_update().get(pk=cash.pk)
        transfer = Transfer.objects.select_for_update(of=("self",)).get(pk=transfer.pk)
        role = check(row, transfer)
        row.transfer, row.role, row.matched_at = transfer, role, timezone.now()
        row.save(update_fields=["transfer", "role", "matched_at"])
        evidence = {"transfer": str(transfer.pk), "role": role}
        note(row, field="match", after=role, actor=f"ops {person.pk}", because=because, evidence=evidence)
    log.info("cash %s matched with transfer %s by ops %s", row.pk, transfer.pk, person.pk)
    return row


def unmatch(*, cash: CashActivity, person: User, because: str) -> None:
    """Take a match back: both stand alone again, and what does not fit is told by the next run.

    Raises NotMatched, leases.HeldByAnother.
    """
    with alone(person), transaction.atomic(durable=True):
        row = CashActivity.objects.select_for_update().get(pk=cash.pk)
        if row.transfer_id is None:
            raise NotMatched
        before, evidence = row.role, {"transfer": str(row.transfer_id), "role": row.role}
        row.transfer, row.role, row.matched_at = None, "", None
        row.save(update_fields=["transfer", "role", "matched_at"])
        note(row, field="match", before=before, actor=f"ops {person.pk}", because=because, evidence=evidence)
    log.info("cash %s matched with nothing any more, by ops %s", row.pk, person.pk)

"""The dates of a transfer, as dates: until when it can be canceled, when it arrives, until when it may come back.

Called by views. Nothing is promised of a transfer that is in doubt, held, or over.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from brokerage import banking_days
from funding import states, wording
from funding.models import Transfer


@dataclass(frozen=True)
class Dated:
    """One date, or one moment."""

    label: str
    on: date | None = None
    at: datetime | None = None
    note: str = ""


def of(transfer: Transfer) -> list[Dated]:
    """Return the dates that are certain, or planned by the banks' calendar."""
    if transfer.is_struck or transfer.sending != states.ACCEPTED:
        return []
    settled_on = banking_days.today(transfer.settled_at) if transfer.settled_at else None
    return [*_before(transfer), *_arrival(transfer, settled_on), *_after(transfer, settled_on or transfer.expected_on)]


def _before(transfer: Transfer) -> list[Dated]:
    if transfer.leaves_on is None or transfer.sent_to_bank_at or transfer.settled_at:
        return []
    last = banking_days.cut_off(transfer.leaves_on)
    if not transfer.can_cancel:
        return [Dated("Leaves by", at=last)]
    return [Dated("Leaves by", at=last, note="Until it has left you can cancel it.")]


def _arrival(transfer: Transfer, settled_on: date | None) -> list[Dated]:
    if settled_on is not None:
        return [Dated("Settled", on=settled_on)]
    label = "In your account by" if transfer.is_deposit else "At your bank by"
    return [Dated(label, on=transfer.expected_on)] if transfer.expected_on else []


def _after(transfer: Transfer, settles_on: date | None) -> list[Dated]:
    if settles_on is None:
        return []
    bank, window = wording.bank_name(transfer), banking_days.return_window(settles_on)
    dated = [Dated(f"{bank} can send it back until", on=window.bank)]
    if transfer.is_deposit:
        dated = [
            Dated("Free to withdraw from", on=banking_days.withdrawable_on(settles_on), note="At the latest."),
            Dated(f"{bank} can take it back until", on=window.bank),
            Dated("You can dispute it at your bank until", on=window.customer),
        ]
    today = banking_days.today(timezone.now())
    return [each for each in dated if each.on and each.on >= today]  # what is over stands in the timeline

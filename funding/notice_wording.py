"""What a customer is told when a transfer moves: what it means, what comes next and by when, what they can do.

Called by operations.telling, once; the words are kept as they were then.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.conf import settings
from django.utils import timezone

from brokerage import banking_days, money
from funding import states, wording
from funding.models import Freeze, Transfer


class Kind(StrEnum):
    """What can be told of a transfer; each at most once."""

    REQUESTED = "REQUESTED"
    HELD = "HELD"  # a person of ours looks at it first
    DECLINED = "DECLINED"  # by our own rules, or by that person
    SENT = "SENT"  # the broker accepted it
    SETTLED = "SETTLED"
    REFUSED = "REFUSED"  # by the broker
    NOT_SENT = "NOT_SENT"
    CANCELED = "CANCELED"
    RETURNED = "RETURNED"
    UNKNOWN_FOR_LONG = "UNKNOWN_FOR_LONG"
    RESOLVED = "RESOLVED"  # was told as unknown, or would have been


@dataclass(frozen=True)
class Message:
    title: str
    body: str


_TITLES = {
    Kind.REQUESTED: "We have your request for a {}",
    Kind.HELD: "We are looking at your {}",
    Kind.DECLINED: "Your {} was declined",
    Kind.SENT: "Your {} is on its way",
    Kind.SETTLED: "Your {} has settled",
    Kind.REFUSED: "Your {} was refused",
    Kind.NOT_SENT: "Your {} was not sent",
    Kind.CANCELED: "Your {} is canceled",
    Kind.RETURNED: "Your {} came back",
    Kind.UNKNOWN_FOR_LONG: "We are still confirming your {}",
    Kind.RESOLVED: "We know what became of your {}",
}


def of(transfer: Transfer, kind: Kind) -> Message:
    """Return what is told of a transfer as it stands now."""
    what = f"{'deposit' if transfer.is_deposit else 'withdrawal'} of {money.show(transfer.amount)}"
    sentences = (_bank(transfer), *_news(transfer, kind))
    return Message(_TITLES[kind].format(what), "\n".join(filter(None, sentences)))


def _bank(transfer: Transfer) -> str:
    """Name the bank account. (A line that began with "From" would be quoted by some mail programs.)"""
    linked = transfer.relationship
    if linked is None:
        return "Bank account: one that is not linked here."
    ending = f", ending in {linked.mask}" if linked.mask else ""
    return f"Bank account: {linked.institution_name}{ending}."


def _news(transfer: Transfer, kind: Kind) -> tuple[str, ...]:
    match kind:
        case Kind.REQUESTED:
            return _requested(transfer)
        case Kind.SENT:
            return ("The broker accepted it.", _arrives(transfer), _can_cancel(transfer))
        case Kind.SETTLED:
            return _settled(transfer)
        case Kind.CANCELED:
            return _canceled(transfer)
        case Kind.RETURNED:
            return _returned(transfer)
        case Kind.HELD:
            what_next = "You hear from us when it goes on. You can cancel it meanwhile."
            return (wording.of_transfer(transfer).lede, what_next)
        case Kind.UNKNOWN_FOR_LONG:
            return (wording.of_transfer(transfer).lede, _by_when(transfer))
        case Kind.RESOLVED if transfer.sending == states.ACCEPTED:
            return ("We found it at the broker: it was made, and made once.", _arrives(transfer))
    return (wording.of_transfer(transfer).lede,)


def _requested(transfer: Transfer) -> tuple[str, ...]:
    linked = transfer.relationship
    if linked is not None and not linked.usable_for(transfer.direction):
        leaves = "It leaves when the broker has approved your bank account, usually within minutes."
    else:
        leaves = "We are sending it to the broker. You hear from us when it was accepted."
    return (leaves, "If you did not ask for this, write to us at once.")


def _arrives(transfer: Transfer) -> str:
    if transfer.expected_on is None:
        return ""
    where = "It arrives in your account" if transfer.is_deposit else "It is at your bank"
    return f"{where} by {wording.day_text(transfer.expected_on)}."


def _can_cancel(transfer: Transfer) -> str:
    leaves_on = transfer.leaves_on or banking_days.leaves_on(transfer.created_at)
    return f"You can cancel it until it leaves for the bank, on {wording.day_text(leaves_on)} at the latest."


def _settled(transfer: Transfer) -> tuple[str, ...]:
    settled_on = banking_days.today(transfer.settled_at or timezone.now())
    if transfer.is_deposit:
        return _settled_deposit(settled_on)
    day = wording.day_text(banking_days.add(settled_on, 1))
    return ("It has left your account.", f"If your bank does not show it by {day}, ask them, and then write to us.")


def _settled_deposit(settled_on: date) -> tuple[str, ...]:
    if not settings.WITHDRAWAL_HOLD_BANKING_DAYS:
        return ("It is in your account: you can invest it, or withdraw it.",)
    free_on = banking_days.withdrawable_on(settled_on)
    free = f"You can withdraw it from {wording.day_text(free_on)} at the latest."
    return ("It is in your account and you can invest it.", free)


def _canceled(transfer: Transfer) -> tuple[str, ...]:
    lede = wording.of_transfer(transfer).lede
    linked = transfer.relationship
    if linked is not None and linked.ended_at and transfer.reason != states.NOT_APPROVED:  # whose words say so
        return (lede, "Link another bank account to go on.")
    called_off = transfer.sending == states.WITHDRAWN and transfer.reason
    return (lede, "" if called_off else "You can ask for a new one at any time.")


def _returned(transfer: Transfer) -> tuple[str, ...]:
    owed = "If that leaves your cash below $0.00, please deposit what is missing." if _took_cash(transfer) else ""
    return (wording.of_transfer(transfer).lede, owed, _after_return(transfer))


def _after_return(transfer: Transfer) -> str:
    """Say what a return has stopped: everything, this bank account, deposits from it, or nothing."""
    linked = transfer.relationship
    if Freeze.stands_for(transfer.brokerage_account):
        return "Your account is frozen while we look into it, so no money moves. Write to us, please."
    if linked is None or linked.suspended_at is None:
        return "You can ask for a new one at any time."
    what = "deposits" if linked.suspended_deposits_only else "transfers"
    return f"No {what} go through this bank account until that is cleared up. Write to us, please."


def _took_cash(transfer: Transfer) -> bool:
    return transfer.is_deposit and transfer.settled_at is not None


def _by_when(transfer: Transfer) -> str:
    at = timezone.localtime(transfer.attempt.answer_by)
    if at < timezone.now() or transfer.sending == states.REVIEW:
        return "You hear from us as soon as we know."
    return f"We expect to know by {at:%-I:%M %p %Z}, and you hear from us then."

"""What a customer reads about a transfer: a word, and one plain sentence with what comes next.

Called by views. The broker's own words never reach a page.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from brokerage import banking_days, money
from funding import return_codes, risk_rules, states
from funding.models import Transfer


@dataclass(frozen=True)
class Words:
    """A tone (ok, busy, warn, danger, unknown or empty), an icon, a word, a short note, and the whole sentence."""

    tone: str
    icon: str
    word: str
    note: str
    lede: str

    @property
    def sentence(self) -> str:
        return self.lede


CONFIRMING = (
    "We are confirming this with the broker. You don’t need to do anything; please don’t send it again. "
    "At most one transfer is made, whatever the answer."
)


def of_transfer(transfer: Transfer) -> Words:
    """Return how a transfer is: in doubt, never made, or where the broker has it."""
    if transfer.sending in states.NEVER_HAPPENED:
        return _never_happened(transfer)
    if transfer.sending in states.UNSENT:
        return _waiting(transfer)
    if transfer.sending in states.IN_DOUBT:
        return _in_doubt(transfer)
    return _at_the_broker(transfer)


def day_text(day: date | datetime | None) -> str:
    """Return a day as people read it: Tue, Nov 24."""
    if day is None:
        return "soon"
    if isinstance(day, datetime):
        day = banking_days.today(day)
    text = f"{day:%a, %b} {day.day}"
    return text if day.year == banking_days.today(timezone.now()).year else f"{text}, {day.year}"


def bank_name(transfer: Transfer) -> str:
    """Return the name of the bank at the other end."""
    return transfer.relationship.institution_name if transfer.relationship else "your bank"


def _never_happened(transfer: Transfer) -> Words:
    if transfer.sending == states.REFUSED:
        lede = f"The broker did not accept it; no money moved. {_refusal(transfer)}"
        return Words("danger", "stop", "Refused", "no money moved", lede)
    if transfer.sending == states.WITHDRAWN:
        return _withdrawn(transfer)
    if transfer.sending == states.DECLINED:
        return Words("danger", "stop", "Not made", "no money moved", f"{_declined(transfer)} No money moved.")
    if transfer.sending == states.NOT_CREATED:
        lede = "We made sure that the broker never got it; no money moved. If you still want it, please ask again."
        return Words("", "minus", "Not made", "no money moved; ask again", lede)
    lede = "The broker could not be reached, and nothing left the house; no money moved. Please ask again."
    return Words("", "minus", "Not sent", "no money moved; ask again", lede)


# Why a transfer was called off before it was sent: see operations.returns and settlement.
_CALLED_OFF = {  # why, and the way on
    "the account is frozen": ("your account is frozen", "Write to us, please."),
    "money is missing in the account": (
        "a deposit came back and its money is missing in your account",
        "You can withdraw again once a deposit has made up for it.",
    ),
    states.NOT_APPROVED: ("the broker did not approve the bank account", "Link another bank account to go on."),
    states.OUT_OF_REACH: ("your bank account can’t be reached any more", "Its page says what to do."),
}


def _withdrawn(transfer: Transfer) -> Words:
    if transfer.reason in _CALLED_OFF:
        because, way_on = _CALLED_OFF[transfer.reason]
        lede = f"It was called off before it was sent, since {because}. No money moved. {way_on}"
        return Words("warn", "minus", "Called off", "no money moved", lede)
    return Words("", "minus", "Canceled", "no money moved", "It was canceled before it was sent. No money moved.")


def _declined(transfer: Transfer) -> str:
    return risk_rules.told_to_customer(transfer.reason.split("; "))


# What the broker's refusals mean, by words in them. https://docs.alpaca.markets/reference/createtransferforaccount
_REFUSALS = (
    ("maximum number of ach", "It allows one transfer each way per trading day. Please ask again on the next one."),
    ("maximum total daily", "It is past the broker’s limit for one day. Please ask for less, or again tomorrow."),
    ("withdrawable", "It is more than you can withdraw right now."),
    ("not permitted", "Your account does not allow this at the moment. Write to us, please."),
    ("amount must be", "The amount is too small."),
)


def _refusal(transfer: Transfer) -> str:
    reason = transfer.reason.lower()
    return next((meaning for words, meaning in _REFUSALS if words in reason), "Write to us if you need to know more.")


def _waiting(transfer: Transfer) -> Words:
    if transfer.sending == states.HELD:
        lede = (
            "A person of ours looks at this deposit before it is sent, within one banking day. Nothing has moved yet."
        )
        return Words("busy", "clock", "Being looked at", "before it is sent", lede)
    bank = transfer.relationship
    if bank and bank.is_suspended_for(transfer.direction):
        lede = f"Nothing goes through your bank account: {bank.suspended_because}. Write to us, or cancel it."
        return Words("warn", "alert", "Waiting", "your bank account is stopped", lede)
    if bank and bank.is_cut_off_for(transfer.direction):
        lede = "Your bank wants something from you first: see the page of your bank account. You can cancel it, too."
        return Words("warn", "alert", "Waiting", "for your bank", lede)
    if bank and not bank.usable_for(transfer.direction):
        lede = "It leaves when the broker has approved your bank account, usually within minutes."
        return Words("busy", "clock", "Waiting", "until the bank link is approved", lede)
    return Words("busy", "clock", "Being sent", "to the broker", "We are sending it to the broker. It takes seconds.")


def _in_doubt(transfer: Transfer) -> Words:
    if transfer.sending == states.SENDING:
        return Words(
            "busy", "clock", "Being sent", "to the broker", "We are sending it to the broker. It takes seconds."
        )
    if transfer.sending == states.REVIEW:
        lede = f"{CONFIRMING} A person of ours is looking at it and writes to you."
        return Words("unknown", "unknown", "Confirming", "a person is looking at it", lede)
    by = transfer.attempt.answer_by
    if by < timezone.now():
        return Words("unknown", "unknown", "Confirming", "with the broker", CONFIRMING)
    at = timezone.localtime(by)
    return Words("unknown", "unknown", "Confirming", f"with the broker, by {at:%-I:%M %p %Z}", CONFIRMING)


def _at_the_broker(transfer: Transfer) -> Words:
    if transfer.status == states.RETURNED:
        return _returned(transfer)
    if transfer.status == states.COMPLETE:
        return _settled(transfer)
    if transfer.status == states.CANCELED:
        return Words("", "minus", "Canceled", "no money moved", _canceled(transfer))
    if transfer.status in states.ENDED_UNFUNDED:
        lede = "The broker ended it before it was done; no money moved. Please ask again, or write to us."
        return Words("danger", "stop", "Refused", "no money moved", lede)
    if transfer.cancel_answer == "asked":
        lede = "We asked the broker to cancel it and wait for the answer. It may be too late; you will see here."
        return Words("busy", "clock", "Canceling", "asked, not certain yet", lede)
    by, late = day_text(transfer.expected_on), _too_late(transfer)
    where = "arrives in your account" if transfer.is_deposit else f"is at {bank_name(transfer)}"
    return Words("busy", "clock", "On its way", f"arrives by {by}", f"{late}It {where} by {by}.")


def _canceled(transfer: Transfer) -> str:
    if transfer.cancel_asked_at:
        return "It was canceled in time; no money moved."
    return "The broker canceled it; no money moved. Please ask again, or write to us."


def _too_late(transfer: Transfer) -> str:
    return "It was too late to cancel: it goes on. " if transfer.cancel_answer == "too late" else ""


def _settled(transfer: Transfer) -> Words:
    day = day_text(transfer.settled_at)
    if transfer.is_deposit:
        return Words("ok", "check", "Settled", day, "It is in your account and you can invest it.")
    return Words("ok", "check", "Settled", day, f"It has left your account for {bank_name(transfer)}.")


def _returned(transfer: Transfer) -> Words:
    because = return_codes.read(transfer.reason).because
    amount = money.show(transfer.amount)
    bank = bank_name(transfer)
    if not transfer.is_deposit:
        lede = f"{bank} sent this withdrawal back: {because}. The {amount} are in your account again."
    elif transfer.settled_at:
        lede = f"{bank} took this deposit back: {because}. The {amount} left your account again."
    else:
        lede = f"{bank} sent this deposit back: {because}. The {amount} never reached your account."
    return Words("danger", "return", "Returned", because, lede)

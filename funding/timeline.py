"""A transfer's history as its customer reads it: quiet past, one present step, dashed future.

Called by views; reads what the transfer and its records hold.
"""

from dataclasses import dataclass
from datetime import date, datetime

from brokerage import banking_days, money
from funding import states, wording
from funding.models import Transfer


@dataclass(frozen=True)
class Entry:
    """One step: when it happened (`at`) or is expected (`on`), and whether it is the present one or to come."""

    icon: str
    title: str
    at: datetime | None = None
    on: date | None = None
    text: str = ""
    tone: str = ""
    current: bool = False
    todo: bool = False


def of(transfer: Transfer) -> list[Entry]:
    """Return the steps of a transfer, oldest first, with what is still to come."""
    done = [*_began(transfer), *_at_the_broker(transfer)]
    ending = _ending(transfer)
    past = done if ending is None else [*done, ending]
    *earlier, last = past
    return [*earlier, _as_current(last, transfer), *([] if ending else _to_come(transfer))]


def _as_current(entry: Entry, transfer: Transfer) -> Entry:
    words = wording.of_transfer(transfer)
    tone = entry.tone or ("ok" if words.tone == "ok" else "")
    return Entry(entry.icon, entry.title, entry.at, entry.on, entry.text, tone=tone, current=True)


def _began(transfer: Transfer) -> list[Entry]:
    kind = "deposit" if transfer.is_deposit else "withdrawal"
    if transfer.origin == Transfer.Origin.EXTERNAL:
        return [Entry("check", f"This {kind} was made at the broker", at=transfer.created_at)]
    entries = [Entry("check", f"You asked for this {kind}", at=transfer.created_at, text=_after_cut_off(transfer))]
    if (
        transfer.sending == states.RESERVED
        and transfer.relationship
        and not transfer.relationship.usable_for(transfer.direction)
    ):
        text = "It leaves when the broker has approved your bank account."
        entries.append(Entry("clock", "Waiting for your bank account", at=transfer.created_at, text=text))
    return entries


def _after_cut_off(transfer: Transfer) -> str:
    asked_on = banking_days.today(transfer.created_at)
    leaves_on = banking_days.leaves_on(transfer.created_at)
    if asked_on == leaves_on or transfer.sent_to_bank_at or transfer.is_struck:
        return ""
    return f"The banks’ next batch leaves on {wording.day_text(leaves_on)}."


def _at_the_broker(transfer: Transfer) -> list[Entry]:
    entries = []
    if transfer.sending in (states.UNKNOWN, states.REVIEW) and not transfer.alpaca_id:
        at = transfer.attempt.sent_at
        entries.append(Entry("unknown", "Confirming with the broker", at=at, tone="unknown", text=_lost()))
    if transfer.accepted_at:
        entries.append(Entry("check", "The broker accepted it", at=transfer.accepted_at))
    if transfer.cancel_asked_at:
        text = {"too late": "It was too late: the transfer goes on."}.get(transfer.cancel_answer, "")
        entries.append(Entry("minus", "You asked to cancel it", at=transfer.cancel_asked_at, text=text))
    if transfer.sent_to_bank_at:
        text = "From here it can no longer be canceled."
        title = f"Sent to {_bank(transfer)}"
        entries.append(Entry("check", title, at=transfer.sent_to_bank_at, text=text))
    if transfer.settled_at:
        entries.append(Entry("check", "Settled", at=transfer.settled_at, text=_settled(transfer)))
    return entries


def _lost() -> str:
    return "The broker’s answer got lost on the way. We are asking what became of it, and we never send it twice."


def _settled(transfer: Transfer) -> str:
    amount = money.show(transfer.amount)
    return f"{amount} was added to your cash." if transfer.is_deposit else f"{amount} left your cash."


def _bank(transfer: Transfer) -> str:
    return transfer.relationship.institution_name if transfer.relationship else "your bank"


def _ending(transfer: Transfer) -> Entry | None:
    """Return the step after which nothing more comes, if it has come."""
    if not transfer.is_struck:
        return None
    words = wording.of_transfer(transfer)
    if transfer.status == states.RETURNED:
        because = f"Reason {transfer.return_code}: {words.note}." if transfer.return_code else f"{words.note}."
        title = f"Returned by {_bank(transfer)}"
        return Entry("return", title, at=transfer.ended_at, tone="danger", text=because)
    return Entry(words.icon, words.word, at=transfer.ended_at, tone=words.tone, text=words.lede)


def _to_come(transfer: Transfer) -> list[Entry]:
    if transfer.origin == Transfer.Origin.EXTERNAL and transfer.status != states.COMPLETE:
        return []
    if transfer.status == states.COMPLETE:
        return _free_to_withdraw(transfer)
    entries = []
    if not transfer.sent_to_bank_at:
        entries.append(
            Entry("todo", f"Sent to {_bank(transfer)}", on=banking_days.leaves_on(transfer.created_at), todo=True)
        )
    where = "In your account" if transfer.is_deposit else f"At {_bank(transfer)}"
    entries.append(Entry("todo", where, on=transfer.expected_on, todo=True))
    return entries


def _free_to_withdraw(transfer: Transfer) -> list[Entry]:
    if not transfer.is_deposit or transfer.settled_at is None:
        return []
    on = banking_days.withdrawable_on(banking_days.today(transfer.settled_at))
    text = f"Your broker may hold a deposit until then, in case {_bank(transfer)} takes it back."
    return [Entry("todo", "Free to withdraw at the latest", on=on, text=text, todo=True)]

"""What is still to come of a transfer, with its dates: sending, arrival, the hold, the end of the return window.

Called by the timeline. A day of the return window that is over is no longer to come, and says so.
"""

from datetime import date

from django.utils import timezone

from brokerage import banking_days
from funding import states, wording
from funding.models import Transfer
from funding.timeline.entry import BANK, BROKER, PERSON, WE, Entry


def of(transfer: Transfer) -> list[Entry]:
    """Return the steps ahead by their dates; of a settled one those behind, too."""
    if transfer.is_struck:
        return []
    if transfer.status == states.COMPLETE:
        return _after_settling(transfer)
    if transfer.origin == Transfer.Origin.EXTERNAL:
        return []
    if transfer.sending == states.HELD:
        return [Entry("todo", "A person of ours decides", actor=PERSON, text="Within one banking day.", todo=True)]
    if transfer.sending in (states.UNKNOWN, states.REVIEW) and not transfer.alpaca_id:
        return [_answer(transfer)]
    return _arriving(transfer)


def _answer(transfer: Transfer) -> Entry:
    text = "At most one transfer is made, whatever the answer."
    by = transfer.attempt.answer_by if transfer.sending == states.UNKNOWN else None
    if by is None or by < timezone.now():
        return Entry("todo", "Answer", actor=WE, text=text, todo=True)
    return Entry("todo", "Answer, at the latest", at=by, actor=WE, text=text, todo=True)


def _arriving(transfer: Transfer) -> list[Entry]:
    # What waits here leaves with the batch after the waiting, not with the one it was asked for.
    moment = timezone.now() if transfer.sending == states.RESERVED else transfer.created_at
    arrives_on = banking_days.arrives_on(moment) if transfer.sending == states.RESERVED else transfer.expected_on
    entries = []
    if not transfer.sent_to_bank_at:
        title = f"Sent to {wording.bank_name(transfer)}"
        entries.append(Entry("todo", title, on=banking_days.leaves_on(moment), actor=BROKER, todo=True))
    where = "In your account" if transfer.is_deposit else f"At {wording.bank_name(transfer)}"
    return [*entries, Entry("todo", where, on=arrives_on, actor=BANK, todo=True)]


# --- Once settled -----------------------------------------------------------------------------------------------------


def _after_settling(transfer: Transfer) -> list[Entry]:
    if transfer.settled_at is None:
        return []
    settled_on, today = banking_days.today(transfer.settled_at), banking_days.today(timezone.now())
    entries = _deposit(transfer, settled_on, today) if transfer.is_deposit else _withdrawal(transfer, settled_on, today)
    return sorted(entries, key=lambda entry: (entry.todo, entry.on))


def _deposit(transfer: Transfer, settled_on: date, today: date) -> list[Entry]:
    bank, window = wording.bank_name(transfer), banking_days.return_window(settled_on)
    return [
        _free(banking_days.withdrawable_on(settled_on), today, bank),
        _until(
            window.bank,
            today,
            ahead=f"{bank} can take it back until",
            behind=f"{bank} can’t take it back by itself any more",
            text="For instance where there was not enough money in the account.",
        ),
        _until(
            window.customer,
            today,
            ahead="You can dispute it at your bank until",
            behind="The time to dispute it is over",
            text="If you tell your bank that you did not authorize it, your bank takes it back.",
        ),
    ]


def _free(on: date, today: date, bank: str) -> Entry:
    if on <= today:
        return Entry("check", "Free to withdraw", on=on, actor=BROKER)
    text = f"Your broker may hold a deposit until then, in case {bank} takes it back."
    return Entry("todo", "Free to withdraw at the latest", on=on, actor=BROKER, text=text, todo=True)


def _withdrawal(transfer: Transfer, settled_on: date, today: date) -> list[Entry]:
    bank = wording.bank_name(transfer)
    return [
        _until(
            banking_days.return_window(settled_on).bank,
            today,
            ahead=f"{bank} can send it back until",
            behind=f"{bank} has kept it",
            text="For instance where it can’t find the account. The money would be in your account here again.",
        )
    ]


def _until(last: date, today: date, *, ahead: str, behind: str, text: str) -> Entry:
    """Return a step for the last day of something: ahead on that day itself, behind from the next one."""
    if last < today:
        return Entry("check", behind, on=last, actor=BANK)
    return Entry("todo", ahead, on=last, actor=BANK, text=text, todo=True)

"""What has happened to a transfer: asked for, checked, sent, what the broker and the bank did, how it ended.

Called by the timeline. Each row of history and each record stands behind exactly one step.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db.models import Model

from brokerage import banking_days, money
from funding import states, wording
from funding.models import RiskDecision, Transfer, TransferEvent
from funding.timeline import ending
from funding.timeline.entry import BROKER, PERSON, WE, YOU, Entry, who

Declined = RiskDecision.Outcome.DECLINE


def of(transfer: Transfer) -> list[Entry]:
    """Return the steps so far, oldest first."""
    entries = [*_asked(transfer), *_checked(transfer), *_sent(transfer), *_at_the_broker(transfer)]
    entries += ending.of(transfer)
    return _with_the_rest(entries, transfer)


def _events(transfer: Transfer, field: str, *after: str) -> tuple[TransferEvent, ...]:
    """Return the rows of history that lead to one of these words."""
    return tuple(event for event in transfer.events.all() if event.field == field and event.after in after)


def _with_the_rest(entries: list[Entry], transfer: Transfer) -> list[Entry]:
    """Put what no step has claimed behind the step that it came after: ops are to see every row."""
    claimed = {record.pk for entry in entries for record in entry.records}
    for event in transfer.events.all():
        if event.pk not in claimed:
            earlier = [number for number, entry in enumerate(entries) if entry.at and entry.at <= event.at]
            place = earlier[-1] if earlier else 0
            entries[place] = replace(entries[place], records=(*entries[place].records, event))
    rows: list[Model] = [*transfer.cases.all(), *transfer.risk_decisions.all()]
    rest = tuple(row for row in rows if row.pk not in claimed)
    return [*entries[:-1], replace(entries[-1], records=(*entries[-1].records, *rest))]


# --- Asked for --------------------------------------------------------------------------------------------------------


def _asked(transfer: Transfer) -> list[Entry]:
    kind = "deposit" if transfer.is_deposit else "withdrawal"
    began = tuple(event for event in transfer.events.all() if event.field == "sending" and not event.before)
    records: tuple[Model, ...] = (transfer, *filter(None, [transfer.authorization]), *began)
    if transfer.origin == Transfer.Origin.EXTERNAL:
        title = f"This {kind} was made at the broker"
        return [Entry("check", title, at=transfer.created_at, actor=BROKER, records=records)]
    text = " ".join(filter(None, [_authorized(transfer), _after_cut_off(transfer)]))
    entry = Entry("check", f"You asked for this {kind}", at=transfer.created_at, actor=YOU, text=text, records=records)
    return [entry, *_waiting(transfer)]


def _authorized(transfer: Transfer) -> str:
    return f"You authorized one debit of {money.show(transfer.amount)}." if transfer.authorization else ""


def _after_cut_off(transfer: Transfer) -> str:
    asked_on = banking_days.today(transfer.created_at)
    leaves_on = banking_days.leaves_on(transfer.created_at)
    if asked_on == leaves_on or transfer.sent_to_bank_at or transfer.is_struck:
        return ""
    return f"The banks’ next batch leaves on {wording.day_text(leaves_on)}."


def _waiting(transfer: Transfer) -> list[Entry]:
    """Say what a transfer waits for that was asked for and not sent."""
    bank = transfer.relationship
    if transfer.sending != states.RESERVED or bank is None or bank.usable_for(transfer.direction):
        return []
    at = transfer.created_at
    if bank.is_suspended_for(transfer.direction):
        text = "Nothing goes through it until that is cleared up. You can cancel at any time."
        return [Entry("clock", "Waiting: your bank account is stopped", at=at, actor=WE, text=text)]
    text = "It leaves when the broker has approved your bank account."
    return [Entry("clock", "Waiting for your bank account", at=at, actor=BROKER, text=text)]


# --- Checked ----------------------------------------------------------------------------------------------------------


def _checked(transfer: Transfer) -> list[Entry]:
    """Tell of each risk decision but the one that declined, which is the end."""
    entries = [_decision(each, transfer) for each in transfer.risk_decisions.all() if each.outcome != Declined]
    if transfer.sending == states.HELD and not entries:
        entries.append(_held(transfer.created_at))
    return entries


def _decision(decision: RiskDecision, transfer: Transfer) -> Entry:
    by_a_person = who(decision.actor) == PERSON
    if decision.outcome == RiskDecision.Outcome.HOLD:
        return _held(decision.at, decision, *_events(transfer, "sending", states.HELD))
    let_go = [event for event in _events(transfer, "sending", states.RESERVED) if event.before == states.HELD]
    if by_a_person:
        text = "A person of ours looked at it, and it goes on."
        return Entry("check", "Looked at", at=decision.at, actor=PERSON, text=text, records=(decision, *let_go))
    text = "Your bank says that the money is there." if decision.inputs.get("balance") else ""
    return Entry("check", "Checked before it was sent", at=decision.at, actor=WE, text=text, records=(decision,))


def _held(at: datetime, *records: Model) -> Entry:
    text = "We look at some deposits before they are sent. Nothing has moved yet."
    return Entry("clock", "Held for a person to look at", at=at, actor=WE, text=text, records=records)


# --- Sent, once, and what became of it --------------------------------------------------------------------------------


def _sent(transfer: Transfer) -> list[Entry]:
    reviews = _events(transfer, "sending", states.REVIEW)
    before_it_was_bound = [event for event in reviews if event.before != states.ACCEPTED]
    entries = [*_attempt(transfer), *_lost(transfer), *_looked_at(before_it_was_bound)]
    entries += _accepted(transfer)
    entries += _looked_at(event for event in reviews if event.before == states.ACCEPTED)
    if transfer.sending == states.REVIEW and not reviews:
        entries.append(Entry("unknown", "A person of ours looks at it", actor=PERSON, tone="unknown"))
    return entries


def _attempt(transfer: Transfer) -> list[Entry]:
    attempt = getattr(transfer, "attempt", None)
    if attempt is None:
        return []
    records = (attempt, *_events(transfer, "sending", states.SENDING))
    return [Entry("check", "Sent to the broker", at=attempt.sent_at, actor=WE, text="Once.", records=records)]


def _lost(transfer: Transfer) -> list[Entry]:
    """Tell of an answer that did not come."""
    events = _events(transfer, "sending", states.UNKNOWN)
    lookups = tuple(transfer.lookups.all())
    if transfer.sending != states.UNKNOWN and not events and not lookups:
        return []
    attempt = getattr(transfer, "attempt", None)
    at = events[0].at if events else attempt and attempt.sent_at
    if transfer.sending == states.UNKNOWN:
        text = "The broker’s answer got lost on the way. We are asking what became of it, and we never send it twice."
        title, tone = "Confirming with the broker", "unknown"
    else:
        text, title, tone = "We asked what became of it, and did not send it twice.", "The broker’s answer got lost", ""
    return [Entry("unknown", title, at=at, actor=WE, text=text, tone=tone, records=(*events, *lookups))]


def _looked_at(events: Iterable[TransferEvent]) -> list[Entry]:
    """Tell of the times when a person had to decide what a transfer is."""
    return [
        Entry("unknown", "A person of ours looks at it", at=event.at, actor=PERSON, text=_why(event), records=(event,))
        for event in events
    ]


def _why(event: TransferEvent) -> str:
    if event.before == states.ACCEPTED:
        return "The broker’s answer is not quite what we asked for. You don’t need to do anything."
    return "More than one transfer at the broker could be this one. You don’t need to do anything."


def _accepted(transfer: Transfer) -> list[Entry]:
    events = _events(transfer, "sending", states.ACCEPTED)
    if transfer.accepted_at is None or transfer.origin == Transfer.Origin.EXTERNAL:
        return []
    found = [event for event in events if event.before in (states.UNKNOWN, states.REVIEW)]
    at = events[0].at if events else transfer.accepted_at
    if not found:
        return [Entry("check", "The broker accepted it", at=at, actor=BROKER, text=_waits(transfer), records=events)]
    text = f"It was made once, as you asked. {_waits(transfer)}".strip()
    return [Entry("check", "Found at the broker", at=at, actor=WE, text=text, records=events)]


def _waits(transfer: Transfer) -> str:
    if transfer.status == states.APPROVAL_PENDING:
        return "Somebody at the broker looks at it before it goes to your bank."
    return ""


# --- At the broker ----------------------------------------------------------------------------------------------------


def _at_the_broker(transfer: Transfer) -> list[Entry]:
    """Return what came after it was accepted, by time: a wish to cancel may come anywhere between."""
    entries = _cancels(transfer)
    if transfer.sent_to_bank_at:
        records = _events(transfer, "status", states.SENT_TO_CLEARING)
        title, text = f"Sent to {wording.bank_name(transfer)}", "From here it can no longer be canceled."
        entries.append(Entry("check", title, at=transfer.sent_to_bank_at, actor=BROKER, text=text, records=records))
    if transfer.settled_at:
        records = (*_events(transfer, "status", states.COMPLETE), *_events(transfer, "settled", "settled"))
        text = _settled(transfer)
        entries.append(Entry("check", "Settled", at=transfer.settled_at, actor=BROKER, text=text, records=records))
    return sorted(entries, key=lambda entry: entry.at.timestamp() if entry.at else 0)


def _settled(transfer: Transfer) -> str:
    amount = money.show(transfer.amount)
    return f"{amount} was added to your cash." if transfer.is_deposit else f"{amount} left your cash."


def _cancels(transfer: Transfer) -> list[Entry]:
    """Tell of each wish to cancel, and of what the broker said to it."""
    entries = [_cancel(event) for event in transfer.events.all() if event.field == "cancel"]
    if transfer.cancel_asked_at and not entries:
        entries.append(Entry("minus", "You asked to cancel it", at=transfer.cancel_asked_at, actor=YOU))
        if transfer.cancel_answer == "too late":
            entries.append(_too_late(transfer.cancel_asked_at))
    return entries


def _cancel(event: TransferEvent) -> Entry:
    if event.after == "too late":
        return replace(_too_late(event.at), records=(event,))
    if event.after != "asked":
        text = "The broker could not be reached, so the transfer goes on. You can ask again."
        return Entry("minus", "The wish to cancel did not arrive", at=event.at, actor=WE, text=text, records=(event,))
    title = {YOU: "You asked to cancel it", PERSON: "A person of ours asked to cancel it"}.get(
        who(event.actor), "We asked the broker to cancel it"
    )
    return Entry("minus", title, at=event.at, actor=who(event.actor), records=(event,))


def _too_late(at: datetime) -> Entry:
    text = "It was past the point where it can be stopped. The transfer goes on."
    return Entry("stop", "Too late to cancel", at=at, actor=BROKER, text=text)

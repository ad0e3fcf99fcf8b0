"""How a transfer ended that moved no money after all: declined, called off, refused, never made, canceled, returned.

Called by the timeline; what a return did to the customer's account belongs to it.
"""

from dataclasses import replace

from django.db.models import Model

from brokerage import money
from funding import return_codes, states, wording
from funding.models import Case, Freeze, RiskDecision, Transfer
from funding.timeline.entry import BANK, BROKER, PERSON, WE, Entry, who

# Who ended it, where that is always the same.
_BY = {states.REFUSED: BROKER, states.NOT_SENT: WE, states.NOT_CREATED: WE}


def of(transfer: Transfer) -> list[Entry]:
    """Return the last steps, of a transfer that has ended."""
    if not transfer.is_struck:
        return []
    if transfer.status == states.RETURNED:
        return [_returned(transfer), *_frozen(transfer)]
    words = wording.of_transfer(transfer)
    title = "Certified: it was never made" if transfer.sending == states.NOT_CREATED else words.word
    decisions = [each for each in transfer.risk_decisions.all() if each.outcome == RiskDecision.Outcome.DECLINE]
    records = (*decisions, *_events(transfer))
    return [
        Entry(
            words.icon,
            title,
            at=transfer.ended_at,
            actor=_by(transfer, decisions),
            text=words.lede,
            tone=words.tone,
            records=records,
        )
    ]


def _events(transfer: Transfer) -> tuple[Model, ...]:
    """Return the rows of history that say how it ended."""
    ends = [("sending", states.NEVER_HAPPENED), ("status", states.FINAL)]
    return tuple(
        event for event in transfer.events.all() if any(event.field == f and event.after in words for f, words in ends)
    )


def _by(transfer: Transfer, decisions: list[RiskDecision]) -> str:
    if transfer.sending == states.DECLINED:
        return who(decisions[-1].actor) if decisions else WE
    if transfer.sending == states.WITHDRAWN:
        return _called_off_by(transfer)
    return _BY.get(transfer.sending, BROKER)


def _called_off_by(transfer: Transfer) -> str:
    if transfer.reason == states.NOT_APPROVED:
        return BROKER
    if transfer.reason:
        return WE
    actors = [event.actor for event in transfer.events.all() if event.after == states.WITHDRAWN]
    return who(actors[0]) if actors else who("customer")


# --- Returned ---------------------------------------------------------------------------------------------------------


def _returned(transfer: Transfer) -> Entry:
    cases = tuple(transfer.cases.all())
    reversal = getattr(transfer, "reversal", None)
    records = (*_events(transfer), *filter(None, [reversal]), *cases)
    title = f"Returned by {wording.bank_name(transfer)}"
    text = " ".join(filter(None, [_because(transfer), _what_it_did(transfer), _debt(cases)]))
    return Entry("return", title, at=transfer.ended_at, actor=BANK, tone="danger", text=text, records=records)


def _because(transfer: Transfer) -> str:
    found = return_codes.read(transfer.reason)
    return f"Reason {transfer.return_code}: {found.because}." if transfer.return_code else f"{_capital(found.because)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _what_it_did(transfer: Transfer) -> str:
    amount = money.show(transfer.amount)
    if not transfer.is_deposit:
        return f"The {amount} are in your account again."
    if transfer.settled_at:
        return f"The {amount} left your cash again."
    return f"The {amount} never reached your account."


def _debt(cases: tuple[Case, ...]) -> str:
    if not any(case.kind == Case.Kind.DEBT for case in cases):
        return ""
    return (
        "Some of it had left already and is missing in your account; withdrawals wait for a deposit to make up for it."
    )


def _frozen(transfer: Transfer) -> list[Entry]:
    """Tell of the freezes that this return led to, and of their end."""
    return [entry for case in transfer.cases.all() for each in case.freezes.all() for entry in _freeze(each)]


def _freeze(freeze: Freeze) -> list[Entry]:
    text = "No money moves, in or out, while we look into this. Write to us, please."
    frozen = Entry("lock", "Your account was frozen", at=freeze.frozen_at, actor=WE, text=text, records=(freeze,))
    if freeze.lifted_at is None:
        return [replace(frozen, tone="danger")]
    free = Entry("check", "Your account is free again", at=freeze.lifted_at, actor=PERSON, text="Two persons agreed.")
    return [frozen, free]

"""What must hold in any life of a customer’s transfers, read from our rows and the sandbox’s books, as auditors do."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils import timezone

from funding import states
from funding.models import Reversal, SendAttempt, Transfer, TransferEvent
from funding.operations import limits
from tests.funding.standing import Customer, read_anew

SOMEBODY_ELSES = "7.77"


def now() -> datetime:
    return timezone.now()


@dataclass
class Oracle:
    """Remembers what was asked for, and finds it again in both books."""

    ada: Customer
    elsewhere: set[str] = field(default_factory=set)  # the broker's ids of what was made elsewhere
    intents: dict[Any, tuple[str, Decimal]] = field(default_factory=dict)  # direction and amount, as asked for

    def asked(self, transfer: Transfer) -> None:
        self.intents[transfer.pk] = (transfer.direction, transfer.amount)

    def is_hiding(self) -> bool:
        """Say whether a list has been told to hide something before."""
        return any(each["kind"] == "hide_recent" for each in self.ada.sandbox.get("/control/faults"))

    def theirs(self) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in self.ada.at_the_broker()}

    # --- After every step ---

    def check(self) -> None:
        theirs, ours = self.theirs(), list(Transfer.objects.all())
        sent = SendAttempt.objects.values_list("transfer__direction", "transfer__amount")
        assert self.made_of(theirs) <= Counter(sent), "more was made at the broker than was sent"
        for transfer in ours:
            self.is_as_it_was_asked_for(transfer)
        bound = Counter(row.alpaca_id for row in ours if row.alpaca_id)
        assert set(bound) <= set(theirs)
        assert not bound or max(bound.values()) == 1
        histories_are_legal(ours)
        reversals_are_right()

    def made_of(self, theirs: dict[str, dict[str, Any]]) -> Counter[tuple[str, Decimal]]:
        """Count, by direction and amount, the broker's transfers that our own requests have made."""
        own = [row for row in theirs.values() if row["id"] not in self.elsewhere and row["amount"] != SOMEBODY_ELSES]
        return Counter(key_of(row) for row in own)

    def is_as_it_was_asked_for(self, transfer: Transfer) -> None:
        asked = self.intents.get(transfer.pk)
        assert (transfer.origin == Transfer.Origin.EXTERNAL) == (asked is None)
        assert asked in (None, (transfer.direction, transfer.amount))

    def hold_is_covered(self) -> None:
        """A withdrawal that was reserved just now leaves no less than nothing."""
        left = limits.withdrawable(account=read_anew(self.ada.account))
        assert left is not None
        assert left >= 0

    # --- In the end ---

    def is_anything_open(self) -> bool:
        return Transfer.objects.filter(sending__in=[states.SENDING, states.UNKNOWN]).exists()

    def check_the_end(self) -> None:
        theirs = self.theirs()
        intents = list(Transfer.objects.filter(pk__in=self.intents))
        for transfer in intents:
            has_ended(transfer, theirs)
        self.each_intent_was_made_once_or_certainly_not(intents, theirs)
        in_review = {transfer.direction for transfer in intents if is_unbound(transfer)}
        ours = dict(Transfer.objects.exclude(alpaca_id=None).values_list("alpaca_id", "status"))
        for alpaca_id, row in theirs.items():
            if alpaca_id in ours:
                assert ours[alpaca_id] == row["status"], f"ours {ours[alpaca_id]}, theirs {row['status']}"
            else:
                assert row["direction"] in in_review, f"{row} is in nobody's books"

    def each_intent_was_made_once_or_certainly_not(
        self, intents: list[Transfer], theirs: dict[str, dict[str, Any]]
    ) -> None:
        """Count by direction and amount. A twin that was made elsewhere cannot be told from one that was lost."""
        made = self.made_of(theirs)
        twins = Counter(key_of(row) for row in theirs.values() if row["id"] in self.elsewhere)
        bound = Counter((each.direction, each.amount) for each in intents if each.alpaca_id)
        unbound = Counter((each.direction, each.amount) for each in intents if is_unbound(each))
        for key in {*made, *bound, *self.intents.values()}:
            assert bound[key] - twins[key] <= made[key] <= bound[key] + unbound[key], (key, made[key], bound[key])


def key_of(row: dict[str, Any]) -> tuple[str, Decimal]:
    return row["direction"], Decimal(row["amount"])


def is_unbound(transfer: Transfer) -> bool:
    return transfer.sending == states.REVIEW and not transfer.alpaca_id


def has_ended(transfer: Transfer, theirs: dict[str, dict[str, Any]]) -> None:
    what = f"{transfer.pk} {transfer.sending}"
    if transfer.sending in states.NEVER_HAPPENED | states.UNSENT:
        assert SendAttempt.objects.filter(transfer=transfer).exists() == (transfer.sending in SENT_IN_VAIN), what
        assert not transfer.alpaca_id, what
    elif is_unbound(transfer):
        assert len(transfer.events.get(after=states.REVIEW).evidence["candidates"]) > 1, what
    else:
        assert transfer.sending in (states.ACCEPTED, states.REVIEW), what
        assert Decimal(theirs[transfer.alpaca_id or ""]["amount"]) == transfer.amount, what


SENT_IN_VAIN = {states.REFUSED, states.NOT_SENT, states.NOT_CREATED}


def histories_are_legal(rows: list[Transfer]) -> None:
    """Each step begins where the last one ended, follows an arrow, and the last one is where the row stands."""
    events = TransferEvent.objects.filter(row__in=rows, field__in=["sending", "status"]).order_by("at", "id")
    steps: dict[tuple[Any, str], list[tuple[str, str]]] = {}
    for event in events:
        steps.setdefault((event.row_id, event.field), []).append((event.before, event.after))
    for row in rows:
        for name in ("sending", "status"):
            history_is_legal(steps.get((row.pk, name), []), name, getattr(row, name))


def history_is_legal(told: list[tuple[str, str]], name: str, stands: str) -> None:
    chain = in_order(told)
    assert (chain[-1][1] if chain else "") == stands, (name, told, stands)
    for (_, after), (before, _) in pairwise(chain):
        assert after == before, (name, told)
    for before, after in chain:
        legal = states.status_may_move(before, after) if name == "status" else may_send(before, after)
        assert legal, (name, before, after)


def may_send(before: str, after: str) -> bool:
    if not before:
        return after in (states.RESERVED, states.ACCEPTED)  # asked for here; made elsewhere
    return after in states.SENDING_MOVES[before]


def in_order(told: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return steps of one moment, which a clock that stands still cannot order, as they follow each other."""
    left, chain, at = list(told), list[tuple[str, str]](), ""
    while left:
        step = next((each for each in left if each[0] == at), None)
        if step is None:
            return told
        left.remove(step)
        chain.append(step)
        at = step[1]
    return chain


def reversals_are_right() -> None:
    """A transfer that was returned after it had settled has one entry against it, of its amount; no other has one."""
    found = {each.transfer_id: each for each in Reversal.objects.select_related("transfer")}
    for entry in found.values():
        assert entry.transfer.status == states.RETURNED
        assert entry.amount == entry.transfer.amount
    back = Transfer.objects.filter(status=states.RETURNED).exclude(settled_at=None)
    assert set(back.values_list("pk", flat=True)) == set(found)

"""All that may be wrong between our books and the broker's: a function for each kind, which does it to one account.

Each returns what must be found: the code of a break, its subject, and whether reconciliation mends it by itself.
"""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from brokerage import banking_days
from funding import states
from funding.models import Transfer
from tests.funding.drill import ground
from tests.funding.drill.ground import IN, NOW, OUT, Holder
from tests.harness.played_broker import Shelf

Expected = set[tuple[str, str, bool]]
TODAY = banking_days.today(NOW)
CENT = Decimal("0.01")


@dataclass
class Hand:
    """Whoever does the damage: the broker's file, chance, and another account than the damaged one."""

    shelf: Shelf
    chance: random.Random
    other: Holder

    def one_more(self, holder: Holder, like: Transfer, **more: Any) -> str:
        """Let the broker hold one more transfer, like one of ours."""
        row = ground.theirs(like, holder, updated_at=like.created_at) | {"id": self.name()} | more
        self.shelf.add(transfers=[row])
        return str(row["id"])

    def book(self, holder: Holder, amount: Decimal, on: date, way: str = IN) -> str:
        """Let the broker book one more row of cash."""
        row = ground.cash_row(holder.account.alpaca_id, way, amount, on, self.chance)
        self.shelf.add(activities=[row])
        return str(row["id"])

    def name(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128)))


Damage = Callable[[Hand, Holder], Expected]


def left(code: str, subject: str) -> Expected:
    return {(code, subject, False)}


def mended(code: str, subject: str) -> Expected:
    return {(code, subject, True)}


def ours(transfer: Transfer) -> str:
    return f"transfer {transfer.pk}"


def at_the_broker(alpaca_id: str | None) -> str:
    return f"the broker's transfer {alpaca_id}"


def forget_settling(transfer: Transfer, status: str = states.SENT_TO_CLEARING) -> None:
    """Let us not have heard that it settled, or ended."""
    Transfer.objects.filter(pk=transfer.pk).update(status=status, settled_at=None, ended_at=None)


# --- Transfers --------------------------------------------------------------------------------------------------------


def status_behind(hand: Hand, holder: Holder) -> Expected:
    transfer = holder.one("settled", OUT)
    forget_settling(transfer)
    return mended("STATUS_BEHIND", ours(transfer))


def return_missed(hand: Hand, holder: Holder) -> Expected:
    transfer = holder.one("returned")
    Transfer.objects.filter(pk=transfer.pk).update(status=states.COMPLETE, ended_at=None)
    return mended("STATUS_BEHIND", ours(transfer))


def settling_and_return_missed(hand: Hand, holder: Holder) -> Expected:
    """Nothing was heard of it since it was sent: neither that it settled nor that it came back."""
    transfer = holder.one("returned")
    forget_settling(transfer)
    return mended("STATUS_BEHIND", ours(transfer))


def status_contradicts(hand: Hand, holder: Holder) -> Expected:
    transfer = holder.one("canceled")
    hand.shelf.change("transfers", transfer.alpaca_id or "", status=states.SENT_TO_CLEARING)
    return left("STATUS_CONTRADICTS", ours(transfer))


def not_listed(hand: Hand, holder: Holder) -> Expected:
    transfer = holder.one("moving")
    hand.shelf.remove("transfers", transfer.alpaca_id or "")
    return left("NOT_LISTED", ours(transfer))


def made_elsewhere(hand: Hand, holder: Holder) -> Expected:
    """It settled weeks ago, and so did its cash."""
    like = holder.one("settled")
    settled_on = banking_days.add(banking_days.today(like.created_at), 1)
    settled_at = like.created_at + timedelta(days=(settled_on - banking_days.today(like.created_at)).days)
    amount = Decimal("77.70")
    times = {"created_at": (like.created_at - timedelta(hours=3)).isoformat(), "updated_at": settled_at.isoformat()}
    made = hand.one_more(holder, like, amount=str(amount), requested_amount=str(amount), **times)
    hand.book(holder, amount, settled_on)
    return mended("MADE_ELSEWHERE", at_the_broker(made))


def answer_lost(hand: Hand, holder: Holder) -> Expected:
    transfer = holder.one("never")
    doubt(transfer)
    made = hand.one_more(holder, transfer, status=states.QUEUED)
    return mended("ADOPTABLE", at_the_broker(made))


def doubt(transfer: Transfer) -> None:
    Transfer.objects.filter(pk=transfer.pk).update(sending=states.UNKNOWN, ended_at=None)


def two_fit(hand: Hand, holder: Holder) -> Expected:
    transfer = holder.one("never")
    doubt(transfer)
    both = [hand.one_more(holder, transfer, status=states.QUEUED) for _ in range(2)]
    return {("MAY_BE_OURS", at_the_broker(made), False) for made in both}


def amount_differs(hand: Hand, holder: Holder) -> Expected:
    return _differs(hand, holder, "AMOUNT_DIFFERS", amount="1.11", requested_amount="1.11")


def direction_differs(hand: Hand, holder: Holder) -> Expected:
    return _differs(hand, holder, "DIRECTION_DIFFERS", direction=OUT)


def bank_differs(hand: Hand, holder: Holder) -> Expected:
    return _differs(hand, holder, "BANK_DIFFERS", relationship_id=hand.name())


def _differs(hand: Hand, holder: Holder, code: str, **fields: str) -> Expected:
    transfer = holder.one("moving")
    hand.shelf.change("transfers", transfer.alpaca_id or "", **fields)
    return left(code, ours(transfer))


def under_another_account(hand: Hand, holder: Holder) -> Expected:
    transfer = holder.one("moving")
    hand.shelf.list_elsewhere(transfer.alpaca_id or "", hand.other.account.alpaca_id)
    return left("NOT_LISTED", ours(transfer)) | left("OTHER_ACCOUNT", at_the_broker(transfer.alpaca_id))


def twin(hand: Hand, holder: Holder) -> Expected:
    transfer = holder.one("moving")
    made = hand.one_more(holder, transfer, created_at=(transfer.created_at + timedelta(minutes=2)).isoformat())
    return mended("MADE_ELSEWHERE", at_the_broker(made)) | left("TWIN", at_the_broker(made))


def unfamiliar(hand: Hand, holder: Holder) -> Expected:
    transfer = holder.one("moving")
    hand.shelf.change("transfers", transfer.alpaca_id or "", status="TELEPORTED")
    return mended("STATUS_BEHIND", ours(transfer)) | left("UNFAMILIAR_STATUS", ours(transfer))


def overdue(hand: Hand, holder: Holder) -> Expected:
    transfer = holder.one("moving")
    Transfer.objects.filter(pk=transfer.pk).update(expected_on=TODAY - timedelta(days=20))
    return left("OVERDUE", ours(transfer))


def unreadable(hand: Hand, holder: Holder) -> Expected:
    made = hand.one_more(holder, holder.one("moving"), amount=None, requested_amount=None)
    return left("UNREADABLE", at_the_broker(made))


# --- Cash -------------------------------------------------------------------------------------------------------------


def cash_missing(hand: Hand, holder: Holder) -> Expected:
    """Of two equal ones that settled on one day, either may be the one without cash; so it has an amount of its own."""
    transfer = alone(hand, holder)
    hand.shelf.remove("activities", holder.cash[transfer.pk, "BOOKING"]["id"])
    return left("CASH_MISSING", ours(transfer))


def alone(hand: Hand, holder: Holder, kind: str = "settled") -> Transfer:
    """Return a transfer, changed in both books to an amount that no other has."""
    transfer = holder.one(kind)
    amount = Decimal("313.13")
    Transfer.objects.filter(pk=transfer.pk).update(amount=amount)
    transfer.amount = amount
    hand.shelf.change("transfers", transfer.alpaca_id or "", amount=str(amount), requested_amount=str(amount))
    for role, signed in (("BOOKING", amount), ("REVERSAL", -amount)):
        if row := holder.cash.get((transfer.pk, role)):
            hand.shelf.change("activities", row["id"], net_amount=str(signed))
    return transfer


def cash_unexplained(hand: Hand, holder: Holder) -> Expected:
    return left("CASH_UNEXPLAINED", f"cash {hand.book(holder, Decimal('13.13'), TODAY - timedelta(days=9))}")


def cash_twice(hand: Hand, holder: Holder) -> Expected:
    transfer = alone(hand, holder)
    on = date.fromisoformat(holder.cash[transfer.pk, "BOOKING"]["date"]) + timedelta(days=1)
    return left("CASH_TWICE", f"cash {hand.book(holder, transfer.amount, on)}")


def cash_amount_differs(hand: Hand, holder: Holder) -> Expected:
    transfer = alone(hand, holder)
    return _told_otherwise(hand, holder, transfer, "CASH_AMOUNT_DIFFERS", net_amount=str(transfer.amount - CENT))


def cash_wrong_sign(hand: Hand, holder: Holder) -> Expected:
    transfer = alone(hand, holder)
    return _told_otherwise(hand, holder, transfer, "CASH_WRONG_SIGN", net_amount=str(-transfer.amount))


def cash_another_day(hand: Hand, holder: Holder) -> Expected:
    transfer = alone(hand, holder)
    on = banking_days.today(transfer.settled_at or NOW) - timedelta(days=15)
    return _told_otherwise(hand, holder, transfer, "CASH_ANOTHER_DAY", date=on.isoformat())


def _told_otherwise(hand: Hand, holder: Holder, transfer: Transfer, code: str, **fields: str) -> Expected:
    row = holder.cash[transfer.pk, "BOOKING"]["id"]
    hand.shelf.change("activities", row, **fields)
    return left(code, f"cash {row}")


def cash_before_settled(hand: Hand, holder: Holder) -> Expected:
    transfer = alone(hand, holder, "moving")
    return left("CASH_BEFORE_SETTLED", f"cash {hand.book(holder, transfer.amount, TODAY)}")


def cash_for_ended(hand: Hand, holder: Holder) -> Expected:
    transfer = alone(hand, holder, "canceled")
    return left("CASH_FOR_ENDED", f"cash {hand.book(holder, transfer.amount, TODAY - timedelta(days=8))}")


def return_not_booked(hand: Hand, holder: Holder) -> Expected:
    transfer = alone(hand, holder, "returned")
    hand.shelf.remove("activities", holder.cash[transfer.pk, "REVERSAL"]["id"])
    return left("RETURN_NOT_BOOKED", ours(transfer))


def return_unheard(hand: Hand, holder: Holder) -> Expected:
    transfer = alone(hand, holder)
    on = banking_days.today(transfer.settled_at or NOW) + timedelta(days=2)
    return left("RETURN_UNHEARD", f"cash {hand.book(holder, -transfer.amount, on)}")


def return_unheard_in_place(hand: Hand, holder: Holder) -> Expected:
    transfer = alone(hand, holder)
    return _told_otherwise(hand, holder, transfer, "RETURN_UNHEARD", status="canceled")


def cash_offset(hand: Hand, holder: Holder) -> Expected:
    first = hand.book(holder, Decimal("9.99"), TODAY - timedelta(days=9))
    hand.book(holder, Decimal("-9.99"), TODAY - timedelta(days=8))
    return mended("CASH_OFFSET", f"cash {first}")


def cash_unknown_account(hand: Hand, holder: Holder) -> Expected:
    """Many rows of one account are one thing to find out."""
    account = hand.name()
    for days in range(5):
        on = TODAY - timedelta(days=days + 3)
        row = ground.cash_row(account, IN, Decimal("5.00"), on, hand.chance)
        hand.shelf.add(activities=[row])
    return left("CASH_UNKNOWN_ACCOUNT", f"the broker's account {account}")


def balance_differs(hand: Hand, holder: Holder) -> Expected:
    hand.shelf.change("balances", holder.account.alpaca_id, cash_withdrawable="4000.00")
    return left("CASH", f"brokerage account {holder.account.pk}")


DAMAGES: tuple[Damage, ...] = (
    status_behind, return_missed, settling_and_return_missed, status_contradicts, not_listed, made_elsewhere,
    answer_lost, two_fit, amount_differs, direction_differs, bank_differs, under_another_account, twin, unfamiliar,
    overdue, unreadable, cash_missing, cash_unexplained, cash_twice, cash_amount_differs, cash_wrong_sign,
    cash_another_day, cash_before_settled, cash_for_ended, return_not_booked, return_unheard,
    return_unheard_in_place, cash_offset, cash_unknown_account, balance_differs,
)  # fmt: skip

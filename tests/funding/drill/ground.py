"""Books without a fault, ours and the broker's: so many transfers of so many customers, in every state they may be in.

Made in bulk, and deterministic: a fixed day, and a generator of chance with a seed. Cash is booked up to a day after it
settled, over weekends and holidays; equal amounts settle on one day; returns come in both forms, of equal amounts, too.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Application, BrokerageAccount, User
from brokerage import banking_days
from funding import states
from funding.models import ACHRelationship, DebitAuthorization, PlaidItem, RiskDecision, SendAttempt, Transfer
from tests.harness.played_broker import Shelf

# The Tuesday after a week of holidays; sixty days before lie Thanksgiving, Christmas and New Year.
NOW = datetime(2026, 1, 6, 15, 0, tzinfo=UTC)
EACH = 12  # transfers of one account
CHUNK = 250  # accounts that are made at once
IN, OUT = states.INCOMING, states.OUTGOING
AMOUNTS = ("20.00", "50.00", "50.00", "125.50", "400.00")
Row = dict[str, Any]


@dataclass
class Holder:
    """One customer's account: what we hold of it, and what the broker does."""

    number: int
    account: BrokerageAccount
    link: ACHRelationship
    ours: list[Transfer] = field(default_factory=list)
    theirs: dict[uuid.UUID, Row] = field(default_factory=dict)  # by our id
    cash: dict[tuple[uuid.UUID, str], Row] = field(default_factory=dict)  # by our id and role

    def one(self, kind: str, way: str = IN) -> Transfer:
        """Return the transfer of this account that stands so."""
        return next(each for each in self.ours if each.parameters_hash == kind and each.direction == way)


@dataclass
class _Batch:
    """Rows that are written together."""

    rows: dict[type, list[Any]] = field(default_factory=dict)

    def add(self, row: Any) -> Any:
        self.rows.setdefault(type(row), []).append(row)
        return row

    def write(self) -> None:
        order = (User, Application, BrokerageAccount, PlaidItem, ACHRelationship, DebitAuthorization)
        with transaction.atomic():  # a transfer and its decision name each other
            for model in (*order, Transfer, RiskDecision, SendAttempt):
                model.objects.bulk_create(self.rows.get(model, []), batch_size=500)


def lay_out(shelf: Shelf, *, transfers: int, seed: int = 1) -> Iterator[Holder]:
    """Make so many transfers, ours and the broker's, account by account."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    count = -(-transfers // EACH)
    for start in range(0, count, CHUNK):
        batch = _Batch()
        holders = [_holder(number, batch, chance) for number in range(start, min(start + CHUNK, count))]
        batch.write()
        shelf.add(
            [row for holder in holders for row in holder.theirs.values()],
            [row for holder in holders for row in holder.cash.values()],
            [_balance(holder) for holder in holders],
        )
        yield from holders


def _holder(number: int, batch: _Batch, chance: random.Random) -> Holder:
    began = NOW - timedelta(days=90)
    user = batch.add(User(email=f"{number}@example.com"))
    application = batch.add(Application(user=user, status="ACCEPTED"))
    account = batch.add(
        BrokerageAccount(
            user=user, application=application, alpaca_id=str(uuid.UUID(int=number + 1)), account_number="1",
            status="ACTIVE", created_at=began,
        )
    )  # fmt: skip
    item = batch.add(PlaidItem(user=user, plaid_item_id=f"item {number}"))
    link = batch.add(
        ACHRelationship(
            brokerage_account=account, item=item, plaid_account_id=f"bank {number}", subtype="checking",
            sending=states.ACCEPTED, status=states.APPROVED, alpaca_id=str(uuid.UUID(int=10**9 + number)),
        )
    )  # fmt: skip
    holder = Holder(number, account, link)
    for kind, way in KINDS:
        _transfer(holder, batch, kind, way, chance)
    return holder


# What each account holds, one of each: enough settled ones that equal amounts meet on one day.
KINDS = (
    *(("settled", IN),) * 3,
    ("settled", OUT),
    ("returned", IN),
    ("returned in place", IN),
    ("returned before", IN),
    ("canceled", IN),
    ("rejected", OUT),
    ("moving", IN),
    ("queued", OUT),
    ("never", IN),
)
assert len(KINDS) == EACH
STATUS = {
    "settled": states.COMPLETE,
    "returned": states.RETURNED,
    "returned in place": states.RETURNED,
    "returned before": states.RETURNED,  # before it had settled: no cash moved
    "canceled": states.CANCELED,
    "rejected": states.REJECTED,
    "moving": states.SENT_TO_CLEARING,
    "queued": states.QUEUED,
}
# One in twenty accounts has one in doubt that was never made, instead of one that certainly was not.
IN_DOUBT_EVERY = 20


def _transfer(holder: Holder, batch: _Batch, kind: str, way: str, chance: random.Random) -> None:
    under_way = kind in ("moving", "queued", "never")
    asked_at = NOW - timedelta(hours=30 if under_way else 24 * chance.randint(16, 60))
    settled_on = banking_days.add(banking_days.today(asked_at), 2)
    settled_at = _noon(settled_on)
    returned_at = settled_at + timedelta(days=chance.randint(1, 3))
    made = _ours(holder, batch, kind, way, asked_at, Decimal(chance.choice(AMOUNTS)))
    status = STATUS.get(kind, "")
    if kind in ("settled", "returned", "returned in place"):
        made.settled_at = settled_at
    if status in states.FINAL:
        made.ended_at = returned_at
    made.status = status
    if not status:
        return
    made.alpaca_id = str(uuid.UUID(int=chance.getrandbits(128)))
    made.accepted_at = asked_at
    holder.theirs[made.pk] = theirs(made, holder, updated_at=made.ended_at or made.settled_at or asked_at)
    if made.settled_at:
        in_place = kind == "returned in place"
        booked_on = settled_on + timedelta(days=chance.choice((0, 0, 1)))
        holder.cash[made.pk, "BOOKING"] = cash(made, holder, booked_on, chance, status="correct" if in_place else "")
        if kind == "returned":
            on = banking_days.today(returned_at)
            holder.cash[made.pk, "REVERSAL"] = cash(made, holder, on, chance, back=True)


def _ours(holder: Holder, batch: _Batch, kind: str, way: str, at: datetime, amount: Decimal) -> Transfer:
    """Make our row with what hangs on it; `parameters_hash` says which kind it is."""
    never = kind == "never"
    in_doubt = never and holder.number % IN_DOUBT_EVERY == IN_DOUBT_EVERY - 1
    sending = (states.UNKNOWN if in_doubt else states.REFUSED) if never else states.ACCEPTED
    made = Transfer(
        user=holder.account.user, brokerage_account=holder.account, relationship=holder.link, direction=way,
        amount=amount, form_key=uuid.uuid4(), parameters_hash=kind, sending=sending, created_at=at,
        leaves_on=banking_days.leaves_on(at), expected_on=banking_days.arrives_on(at),
        ended_at=at if sending == states.REFUSED else None,
    )  # fmt: skip
    if way == IN:
        made.authorization = batch.add(
            DebitAuthorization(relationship=holder.link, amount=amount, text="I do.", ip_address="203.0.113.7")
        )
        made.cleared_by = batch.add(RiskDecision(transfer=made, actor="a test", outcome="ALLOW", rules_version="1"))
    batch.add(made)
    batch.add(SendAttempt(transfer=made, sender="a test", sent_at=at, lease_until=at + timedelta(minutes=1)))
    holder.ours.append(made)
    return made


def theirs(of: Transfer, holder: Holder, *, updated_at: datetime, **more: Any) -> Row:
    """Return a transfer as the broker lists it."""
    amount = str(of.amount)
    reason = {"reason": "R01 insufficient funds"} if of.status == states.RETURNED else {"reason": None}
    row = {
        "id": of.alpaca_id, "account_id": holder.account.alpaca_id, "relationship_id": holder.link.alpaca_id,
        "type": "ach", "status": of.status, "direction": of.direction, "amount": amount, "requested_amount": amount,
        "created_at": of.created_at.isoformat(), "updated_at": updated_at.isoformat(),
    }  # fmt: skip
    return row | reason | more


def cash(of: Transfer, holder: Holder, on: date, chance: random.Random, *, back: bool = False, status: str = "") -> Row:
    """Return a row of the broker's cash for a transfer, or for its return (`back`)."""
    sign = -1 if (of.direction == OUT) != back else 1
    return cash_row(holder.account.alpaca_id, of.direction, sign * of.amount, on, chance, status=status)


def cash_row(
    account_id: str, direction: str, amount: Decimal, on: date, chance: random.Random, *, status: str = ""
) -> Row:
    at = datetime.combine(on, datetime.min.time(), tzinfo=UTC) + timedelta(hours=11, seconds=chance.randint(0, 9999))
    return {
        "id": f"{at:%Y%m%d%H%M%S000}::{uuid.UUID(int=chance.getrandbits(128))}", "account_id": account_id,
        "activity_type": "CSD" if direction == IN else "CSW", "date": on.isoformat(), "net_amount": str(amount),
        "status": status or "executed", "created_at": f"{at:%Y-%m-%dT%H:%M:%S.%fZ}",
    }  # fmt: skip


def _balance(holder: Holder) -> Row:
    """Return a figure that our own lines explain: what is under way out is taken off."""
    out = sum(each.amount for each in holder.ours if each.parameters_hash == "queued")
    held = Decimal("5000.00")
    return {"id": holder.account.alpaca_id, "cash": str(held), "cash_withdrawable": str(held - out), "equity": "5000"}


def _noon(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=17)

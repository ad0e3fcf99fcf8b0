"""What was booked. Cash is the sum of these rows and is stored nowhere else."""

import uuid
from decimal import Decimal

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import events
from brokerage.sandbox.clock import banking_day, iso

OPEN = ("QUEUED", "APPROVAL_PENDING", "PENDING", "SENT_TO_CLEARING", "APPROVED")
DAY = 86_400


def dollars(cents: int) -> str:
    return str(Decimal(cents) / 100 if cents % 100 else Decimal(cents // 100))


def dollars_and_cents(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def book(
    books: Books, *, account_id: str, activity_type: str, cents: int, at: float,
    description: str = "", transfer_id: str | None = None, reverses: bool = False,
) -> None:  # fmt: skip
    """Write one row, with one event. A transfer has at most one booking and one reversal; the table refuses more."""
    stamp, day, reference = iso(at), banking_day(at), str(uuid.uuid4())
    compact = stamp[:23].translate(str.maketrans("", "", "-T:."))
    booked = _booked_before(books, transfer_id) if reverses else ""
    books.insert(
        "activities", id=f"{compact}::{reference}", account_id=account_id, activity_type=activity_type,
        cents=cents, description=description, date=day, created_at=stamp, transfer_id=transfer_id,
        reverses=int(reverses),
    )  # fmt: skip
    payload = {
        "activity_type": activity_type,
        "activity_subtype": "",
        "net_amount": dollars(cents),
        "status": "executed",
        "executed_at": stamp,
        "settle_date": day,
        "currency": "USD",
        "ref_id": reference,
        **({"previous_id": booked} if booked else {}),
        "details": {
            "system_date": day,
            "group_id": group_of(reference),
            **_bank(activity_type, transfer_id),
        },
    }
    events.record(books, "activities", account_id=account_id, entity_id=reference, at=at, payload=payload)


def group_of(reference: str) -> str:
    """What the vendor files an activity under; here each is a group of its own."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, reference))


def _booked_before(books: Books, transfer_id: str | None) -> str:
    row = books.one("SELECT id FROM activities WHERE transfer_id = ? AND reverses = 0", transfer_id)
    return row["id"].partition("::")[2] if row else ""


def _bank(activity_type: str, transfer_id: str | None) -> dict[str, str]:
    """The vendor documents this link to a transfer for withdrawals alone, and in the event alone."""
    return {"bank_transaction_id": transfer_id} if activity_type == "CSW" and transfer_id else {}


def cash(books: Books, account_id: str, *, before: float | None = None) -> int:
    """Cents booked, or those booked before a moment."""
    if before is None:
        return books.number("SELECT SUM(cents) FROM activities WHERE account_id = ?", account_id)
    sql = "SELECT SUM(cents) FROM activities WHERE account_id = ? AND created_at < ?"
    return books.number(sql, account_id, iso(before))


def pending_out(books: Books, account_id: str) -> int:
    marks = ", ".join("?" * len(OPEN))
    sql = f"SELECT SUM(cents) FROM transfers WHERE account_id = ? AND direction = 'OUTGOING' AND status IN ({marks})"
    return books.number(sql, account_id, *OPEN)


def open_transfers(books: Books, account_id: str) -> int:
    marks = ", ".join("?" * len(OPEN))
    return books.number(
        f"SELECT COUNT(*) FROM transfers WHERE account_id = ? AND status IN ({marks})", account_id, *OPEN
    )


def held(books: Books, account_id: str) -> int:
    """Deposits that may be traded with, but not yet withdrawn: those booked within the hold, and not taken back."""
    since = iso(books.now() - float(books.setting("deposit_hold_days")) * DAY)
    sql = """SELECT SUM(cents) FROM activities AS booked WHERE account_id = ? AND activity_type = 'CSD'
        AND transfer_id IS NOT NULL AND reverses = 0 AND created_at > ? AND NOT EXISTS (
            SELECT 1 FROM activities WHERE transfer_id = booked.transfer_id AND reverses = 1)"""
    return books.number(sql, account_id, since)


def withdrawable(books: Books, account_id: str) -> int:
    """Cents that may still be asked for: booked cash less what is held or already on its way out."""
    return max(0, cash(books, account_id) - held(books, account_id) - pending_out(books, account_id))

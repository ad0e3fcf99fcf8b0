"""ACH transfers: taken in, listed, canceled, and carried to where the money is booked or comes back.

    QUEUED ─→ SENT_TO_CLEARING ─→ COMPLETE ─→ RETURNED
      └─→ CANCELED, EXPIRED  └─→ REJECTED, RETURNED

There is no key that makes a repeated POST harmless and no way to read a single transfer: as with the vendor.
"""

import sqlite3
import uuid
from decimal import Decimal
from typing import Any

from brokerage.sandbox import timers
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import (
    accounts,
    bodies,
    events,
    ledger,
    query,
    restrictions,
    transfer_extras,
    transfer_rules,
)
from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.clock import iso, parse_moment
from brokerage.sandbox.wire import Answer, Request, as_json

SEVEN_DAYS = 7 * 86_400
CANCELABLE = ("QUEUED", "APPROVAL_PENDING")
ENDED = ("COMPLETE", "RETURNED", "CANCELED", "REJECTED", "EXPIRED")
BOOKING = {"INCOMING": ("CSD", 1), "OUTGOING": ("CSW", -1)}
NEXT = {"QUEUED": "SENT_TO_CLEARING", "SENT_TO_CLEARING": "COMPLETE", "APPROVAL_PENDING": "QUEUED"}


def create(books: Books, request: Request) -> Answer:
    account = accounts.fetch(books, request.params["account_id"])
    row = take_in(books, account, bodies.read(request))
    return as_json(answered(books, row))


def take_in(books: Books, account: sqlite3.Row, form: Any) -> sqlite3.Row:
    """A new transfer, QUEUED unless somebody has to look at it first. Raises Refusal."""
    cents = transfer_rules.check(books, account, form)
    now = books.now()
    transfer_id = str(uuid.uuid4())
    books.insert(
        "transfers", id=transfer_id, account_id=account["id"], relationship_id=form["relationship_id"],
        direction=form["direction"], cents=cents, status="", created_at=iso(now), updated_at=iso(now),
        expires_at=iso(now + SEVEN_DAYS),
    )  # fmt: skip
    transfer_extras.keep(books, account, form, transfer_id, cents)
    limit = books.setting("review_withdrawals_above")
    reviewed = form["direction"] == "OUTGOING" and limit is not None and cents > Decimal(str(limit)) * 100
    set_status(books, transfer_id, "APPROVAL_PENDING" if reviewed else "QUEUED", at=now)
    return fetch(books, transfer_id)


def index(books: Books, request: Request) -> Answer:
    account = accounts.fetch(books, request.params["account_id"])
    direction = query.choice(request, "direction", ("INCOMING", "OUTGOING"))
    limit = query.count(request, "limit", int(books.setting("transfer_page_size")))
    visible = iso(books.now() - float(books.setting("list_lag_seconds")))
    order = "DESC" if books.setting("transfers_newest_first") else "ASC"
    sql = f"""SELECT * FROM transfers WHERE account_id = ? AND direction LIKE ? AND created_at <= ?
        ORDER BY created_at {order}, id LIMIT ? OFFSET ?"""
    rows = books.all(sql, account["id"], direction or "%", visible, limit, query.count(request, "offset", 0))
    return as_json([answered(books, row) for row in rows])


def delete(books: Books, request: Request) -> Answer:
    account = accounts.fetch(books, request.params["account_id"])
    row = books.one("SELECT * FROM transfers WHERE id = ?", request.params["transfer_id"])
    if row is None or row["account_id"] != account["id"]:
        raise Refusal(404, "transfer not found")
    if row["status"] not in CANCELABLE:
        raise Refusal(int(books.setting("transfer_not_cancelable_status")), "transfer is not cancelable")
    set_status(books, row["id"], "CANCELED", at=books.now())
    return Answer(int(books.setting("transfer_deleted_status")))


def fetch(books: Books, transfer_id: str) -> sqlite3.Row:
    """Raises KeyError."""
    row = books.one("SELECT * FROM transfers WHERE id = ?", transfer_id)
    if row is None:
        raise KeyError(transfer_id)
    return row


def set_status(books: Books, transfer_id: str, status: str, *, at: float, reason: str | None = None) -> None:
    """Move a transfer, with one event, and book what the move books; a status it already has is no move."""
    row = fetch(books, transfer_id)
    if row["status"] == status:
        return
    books.write(
        "UPDATE transfers SET status = ?, reason = COALESCE(?, reason), updated_at = ? WHERE id = ?",
        status, reason, iso(at), transfer_id,
    )  # fmt: skip
    _book(books, row, status, at=at, reason=reason)
    change = {
        "correspondent": books.setting("correspondent"),
        "entity_id": transfer_id,
        "entity_type": "Transfer",
        "status_from": row["status"] or None,
        "status_to": status,
        **({"reason": reason} if reason else {}),
    }
    events.record(books, "funding", account_id=row["account_id"], entity_id=transfer_id, at=at, payload=change)
    _time_next(books, fetch(books, transfer_id), at=at)


def advance(books: Books, transfer_id: str, *, at: float) -> None:
    """One step on; a transfer that waited in vain for its relationship expires instead."""
    row = fetch(books, transfer_id)
    if row["status"] == "QUEUED" and not _may_leave_queue(books, row):
        set_status(books, transfer_id, "EXPIRED", at=at)
    elif row["status"] in NEXT:
        set_status(books, transfer_id, NEXT[row["status"]], at=at)


def any_open(books: Books, relationship_id: str) -> bool:
    """Whether money is still on its way, one way or the other; a status that nobody knows counts as such."""
    marks = ", ".join("?" * len(ENDED))
    sql = f"SELECT 1 FROM transfers WHERE relationship_id = ? AND status NOT IN ({marks})"
    return books.one(sql, relationship_id, *ENDED) is not None


def relationship_changed(books: Books, relationship_id: str, status: str, *, at: float) -> None:
    """Let go of the transfers that were queued behind a relationship, one way or the other."""
    rows = books.all("SELECT * FROM transfers WHERE relationship_id = ? AND status = 'QUEUED'", relationship_id)
    for row in rows:
        if status == "APPROVED":
            _time_next(books, row, at=at)
        elif status in ("REJECTED", "CANCELED"):
            set_status(books, row["id"], status, at=at, reason=f"ach relationship is {status.lower()}")


def restart_timers(books: Books) -> None:
    for row in books.all("SELECT * FROM transfers"):
        _time_next(books, row, at=books.now())


def answered(books: Books, row: sqlite3.Row) -> dict[str, Any]:
    """A transfer as the API answers it."""
    return {**shown(row), **transfer_extras.shown(books, row["id"])}


def shown(row: sqlite3.Row) -> dict[str, Any]:
    amount = ledger.dollars_and_cents(row["cents"])
    return {
        "id": row["id"],
        "account_id": row["account_id"],
        "relationship_id": row["relationship_id"],
        "type": "ach",
        "status": row["status"],
        "direction": row["direction"],
        "amount": amount,
        "requested_amount": amount,
        "currency": "USD",
        "fee": "0",
        "fee_payment_method": "invoice",
        "reason": row["reason"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "expires_at": row["expires_at"],
    }


def _book(books: Books, row: sqlite3.Row, status: str, *, at: float, reason: str | None) -> None:
    """Money is booked on COMPLETE and booked back on RETURNED, if it ever was booked."""
    activity_type, sign = BOOKING[row["direction"]]
    entry = {"account_id": row["account_id"], "activity_type": activity_type, "transfer_id": row["id"], "at": at}
    if status == "COMPLETE" and not _is_booked(books, row["id"]):
        ledger.book(books, cents=sign * row["cents"], **entry)
    elif status == "RETURNED" and _is_booked(books, row["id"]) and not _is_booked(books, row["id"], reverses=1):
        ledger.book(books, cents=-sign * row["cents"], description=reason or "", reverses=True, **entry)
    if status == "RETURNED" and row["direction"] == "INCOMING":
        restrictions.restrict(books, row["account_id"], ach_return=True, at=at)


def _is_booked(books: Books, transfer_id: str, *, reverses: int = 0) -> bool:
    sql = "SELECT 1 FROM activities WHERE transfer_id = ? AND reverses = ?"
    return books.one(sql, transfer_id, reverses) is not None


def _time_next(books: Books, row: sqlite3.Row, *, at: float) -> None:
    if row["status"] != "QUEUED" or _may_leave_queue(books, row):
        timers.start(books, "transfer", row["id"], row["status"], at=at)
    elif books.setting("profile") != "manual":
        timers.start_for(books, "transfer", row["id"], "QUEUED", due_at=parse_moment(row["expires_at"]))


def _may_leave_queue(books: Books, row: sqlite3.Row) -> bool:
    sql = "SELECT 1 FROM relationships WHERE id = ? AND status NOT IN ('QUEUED', 'PENDING')"
    return books.one(sql, row["relationship_id"]) is not None

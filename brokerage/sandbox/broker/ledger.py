"""What was booked. Cash is the sum of these rows and is stored nowhere else."""

import sqlite3
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker.refusal import bad_parameter, invalid
from brokerage.sandbox.clock import banking_day, iso, parse_moment
from brokerage.sandbox.wire import Answer, Request, as_json

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
    """Write one row. A transfer has at most one booking and one reversal; the table refuses more."""
    stamp = iso(at)
    compact = stamp[:23].translate(str.maketrans("", "", "-T:."))
    books.insert(
        "activities", id=f"{compact}::{uuid.uuid4()}", account_id=account_id, activity_type=activity_type,
        cents=cents, description=description, date=banking_day(at), created_at=stamp, transfer_id=transfer_id,
        reverses=int(reverses),
    )  # fmt: skip


def cash(books: Books, account_id: str) -> int:
    return books.number("SELECT SUM(cents) FROM activities WHERE account_id = ?", account_id)


def pending_out(books: Books, account_id: str) -> int:
    marks = ", ".join("?" * len(OPEN))
    sql = f"SELECT SUM(cents) FROM transfers WHERE account_id = ? AND direction = 'OUTGOING' AND status IN ({marks})"
    return books.number(sql, account_id, *OPEN)


def open_transfers(books: Books, account_id: str) -> int:
    marks = ", ".join("?" * len(OPEN))
    return books.number(
        f"SELECT COUNT(*) FROM transfers WHERE account_id = ? AND status IN ({marks})", account_id, *OPEN
    )


def withdrawable(books: Books, account_id: str) -> int:
    """Cents that may still be asked for: booked cash less what is already on its way out."""
    return max(0, cash(books, account_id) - pending_out(books, account_id))


def index(books: Books, request: Request) -> Answer:
    wanted = [request.params["activity_type"]] if "activity_type" in request.params else request.words("activity_types")
    if wanted and request.first("category"):
        raise bad_parameter("activity_types and category cannot be used together")
    if request.first("category") == "trade_activity":
        return as_json([])
    clauses, values = _period(request)
    if request.first("account_id"):
        clauses.append("account_id = ?")
        values.append(request.first("account_id"))
    if wanted:
        clauses.append(f"activity_type IN ({', '.join('?' * len(wanted))})")
        values.extend(wanted)
    newest_first = _direction(request) == "desc"
    if request.first("page_token"):
        clauses.append("seq < ?" if newest_first else "seq > ?")
        values.append(_seq_of(books, request.first("page_token")))
    sql = f"SELECT * FROM activities WHERE {' AND '.join(clauses)} ORDER BY seq {'DESC' if newest_first else 'ASC'} LIMIT ?"  # noqa: E501
    return as_json([_shown(row) for row in books.all(sql, *values, _page_size(request))])


def _period(request: Request) -> tuple[list[str], list[Any]]:
    """Conditions on when a row was created; a whole day means the day in UTC."""
    bounds = {name: request.first(name) for name in ("date", "after", "until") if request.first(name)}
    if "date" in bounds and len(bounds) > 1:
        raise bad_parameter("date cannot be combined with after or until")
    clauses, values = ["1 = 1"], list[Any]()
    if "date" in bounds:
        day = _moment("date", bounds["date"])
        clauses += ["created_at >= ?", "created_at < ?"]
        values += [iso(day), iso(day + DAY)]
    if "after" in bounds:
        clauses.append("created_at >= ?" if _is_day(bounds["after"]) else "created_at > ?")
        values.append(iso(_moment("after", bounds["after"])))
    if "until" in bounds:
        clauses.append("created_at < ?")
        values.append(iso(_moment("until", bounds["until"]) + (DAY if _is_day(bounds["until"]) else 0)))
    return clauses, values


def _is_day(text: str) -> bool:
    return len(text) == 10


def _moment(name: str, text: str) -> float:
    try:
        return parse_moment(date.fromisoformat(text).isoformat() if _is_day(text) else text)
    except ValueError:
        raise bad_parameter(f"{name} is not a valid date or time") from None


def _direction(request: Request) -> str:
    direction = request.first("direction", "desc").lower()
    if direction not in ("asc", "desc"):
        raise invalid("direction must be asc or desc")
    return direction


def _page_size(request: Request) -> int:
    size = request.first("page_size", "100")
    if not size.isdigit() or not 1 <= int(size) <= 100:
        raise invalid("page_size must be between 1 and 100")
    return int(size)


def _seq_of(books: Books, activity_id: str) -> int:
    row = books.one("SELECT seq FROM activities WHERE id = ?", activity_id)
    if row is None:
        raise invalid("page_token is invalid")
    return int(row["seq"])


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "account_id": row["account_id"],
        "activity_type": row["activity_type"],
        "activity_sub_type": "",
        "date": row["date"],
        "net_amount": dollars(row["cents"]),
        "description": row["description"],
        "status": "executed",
        "created_at": row["created_at"],
        "currency": "USD",
        "group_id": str(uuid.uuid5(uuid.NAMESPACE_OID, row["id"])),
    }

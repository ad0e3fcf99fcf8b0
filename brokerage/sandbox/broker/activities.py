"""The list of what was booked, filtered and paged; `ledger` writes it."""

import sqlite3
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import ledger, query
from brokerage.sandbox.broker.fields import words
from brokerage.sandbox.broker.query import DAY
from brokerage.sandbox.broker.refusal import bad_parameter, invalid
from brokerage.sandbox.clock import iso
from brokerage.sandbox.wire import Answer, Request, as_json

MOST = 100
CATEGORIES = ("trade_activity", "non_trade_activity")
TYPES = words(
    """FILL ACATC ACATS CFEE CGD CIL CSD CSW DIV DIVCGL DIVCGS DIVNRA DIVROC DIVTXEX DIVWH EXTRD FEE FOPT FXTRD INT
    INTPNL JNLC JNLS MA MEM NC OCT OPASN OPCA OPCSH OPEXC OPEXP OPTRD PTC REORG SPIN SPLIT SWP VOF WH"""
)
# A row, and whether its money was booked back since.
SELECT = """SELECT booked.*, EXISTS (SELECT 1 FROM activities WHERE transfer_id = booked.transfer_id AND reverses = 1)
    AS taken_back FROM activities AS booked"""


def index(books: Books, request: Request) -> Answer:
    types = _types(request)
    if query.choice(request, "category", CATEGORIES) == "trade_activity" or request.first("order_id"):
        return as_json([])  # nothing is traded here
    clauses, values = _period(request)
    if books.setting("return_row_form") == "correct":
        clauses.append("reverses = 0")
    if request.first("account_id"):
        clauses.append("account_id = ?")
        values.append(request.first("account_id"))
    if types:
        clauses.append(f"activity_type IN ({', '.join('?' * len(types))})")
        values.extend(types)
    newest_first = query.choice(request, "direction", ("asc", "desc"), "desc") == "desc"
    if request.first("page_token"):
        clauses.append("seq < ?" if newest_first else "seq > ?")
        values.append(_seq_of(books, request.first("page_token")))
    order = f"ORDER BY seq {'DESC' if newest_first else 'ASC'} LIMIT ?"
    rows = books.all(f"{SELECT} WHERE {' AND '.join(clauses)} {order}", *values, _page_size(request))
    return as_json([_shown(books, row) for row in rows])


def _types(request: Request) -> list[str]:
    in_path = request.params.get("activity_type")
    types = [in_path] if in_path else request.words("activity_types")
    if types and request.first("category"):
        raise bad_parameter("activity_types and category cannot be used together")
    for name in types:
        if name not in TYPES:
            raise bad_parameter(f"activity_type {name} is invalid")
    return types


def _period(request: Request) -> tuple[list[str], list[Any]]:
    """Conditions on when a row was created; a whole day means the day in UTC."""
    bounds = {name: request.first(name) for name in ("date", "after", "until") if request.first(name)}
    if "date" in bounds and len(bounds) > 1:
        raise bad_parameter("date cannot be combined with after or until")
    moments = {name: query.moment(name, text) for name, text in bounds.items()}
    clauses, values = ["1 = 1"], list[Any]()
    if "date" in bounds:
        start = moments["date"] - moments["date"] % DAY
        clauses += ["created_at >= ?", "created_at < ?"]
        values += [iso(start), iso(start + DAY)]
    if "after" in bounds:
        clauses.append("created_at >= ?" if query.is_day(bounds["after"]) else "created_at > ?")
        values.append(iso(moments["after"]))
    if "until" in bounds:
        clauses.append("created_at < ?")
        values.append(iso(moments["until"] + (DAY if query.is_day(bounds["until"]) else 0)))
    return clauses, values


def _page_size(request: Request) -> int:
    """A hundred at most, except that one day's rows come all at once unless a size is given."""
    of_a_day = bool(request.first("date"))
    if not request.first("page_size"):
        return -1 if of_a_day else MOST
    size = query.count(request, "page_size", MOST)
    if size < 1 or (size > MOST and not of_a_day):
        raise invalid(f"page_size must be between 1 and {MOST}")
    return size


def _seq_of(books: Books, activity_id: str) -> int:
    row = books.one("SELECT seq FROM activities WHERE id = ?", activity_id)
    if row is None:
        raise invalid("page_token is invalid")
    return int(row["seq"])


def _shown(books: Books, row: sqlite3.Row) -> dict[str, Any]:
    corrected = row["taken_back"] and not row["reverses"] and books.setting("return_row_form") == "correct"
    return {
        "id": row["id"],
        "account_id": row["account_id"],
        "activity_type": row["activity_type"],
        "activity_sub_type": "",
        "date": row["date"],
        "net_amount": ledger.dollars(row["cents"]),
        "description": row["description"],
        "status": "correct" if corrected else "executed",
        "created_at": row["created_at"],
        "currency": "USD",
        "group_id": ledger.group_of(row["id"].partition("::")[2]),
    }

"""Control as JSON: the clock, settings, links, transfers and faults; what is about an account stands in `customers`."""

import json
from datetime import date
from typing import Any

from brokerage.sandbox import banking, faults, moves, timers
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, relationships, transfers
from brokerage.sandbox.clock import banking_day, iso
from brokerage.sandbox.control import customers
from brokerage.sandbox.control.gate import BadControl
from brokerage.sandbox.control.reading import Fields, known, moment
from brokerage.sandbox.control.return_codes import RETURN_CODES
from brokerage.sandbox.pace import PROFILES
from brokerage.sandbox.settings import SETTINGS, check
from brokerage.sandbox.wire import Request

THE_YEAR_3000 = 32_503_680_000
PACE = {"ach_timing", "cut_off", "ach_settlement_days", "ach_settles_at"}
TABLES = ("accounts", "relationships", "transfers", "activities", "events", "items", "link_sessions")


def health(books: Books, request: Request, fields: Fields) -> Fields:
    return {"ok": True, "now": iso(books.now()), "profile": books.setting("profile")}


def state(books: Books, request: Request, fields: Fields) -> Fields:
    """Everything that may be shown; tokens and bank numbers are not."""
    return {
        "clock": _clock_shown(books),
        "settings": books.settings(),
        "counts": {table: books.number(f"SELECT COUNT(*) FROM {table}") for table in TABLES},
        "accounts": [customers.shown(books, row) for row in books.all("SELECT * FROM accounts ORDER BY created_at")],
        "relationships": [
            {**relationships.shown(row), "bank_account_number": None, "mask": row["mask"], "reason": row["reason"]}
            for row in books.all("SELECT * FROM relationships ORDER BY created_at")
        ],
        "transfers": [transfers.shown(row) for row in books.all("SELECT * FROM transfers ORDER BY created_at")],
        "activities": [dict(row) for row in books.all("SELECT * FROM activities ORDER BY seq")],
        "events": [json.loads(row["payload"]) for row in books.all("SELECT payload FROM events ORDER BY ulid")],
        "items": [
            {"item_id": row["id"], "institution_id": row["institution_id"], "removed": bool(row["removed"]),
             "login_required": bool(row["login_required"])}
            for row in books.all("SELECT * FROM items ORDER BY created_at")
        ],
        "faults": faults.listed(books),
    }  # fmt: skip


def reset(books: Books, request: Request, fields: Fields) -> Fields:
    books.reset()
    return {"ok": True}


def clock(books: Books, request: Request, fields: Fields) -> Fields:
    """Stop, start, speed up, set or advance the sandbox's time; what falls due by then is done before the answer."""
    goal = _goal(books, fields)
    if "speed" in fields:
        books.clock.set_speed(float(fields["speed"]))
    if "freeze" in fields:
        (books.clock.freeze if fields["freeze"] else books.clock.unfreeze)()
    if goal is not None:
        books.clock.set(goal)
    books.keep_clock()
    moves.catch_up(books)
    return _clock_shown(books)


def _goal(books: Books, fields: Fields) -> float | None:
    """Where the clock is to be set, or None when only its pace changes. Raises BadControl."""
    if not fields.keys() & {"now", "advance_seconds", "step"}:
        return None
    goal = moment("now", fields["now"]) if "now" in fields else books.now()
    goal += float(fields.get("advance_seconds", 0))
    if fields.get("step"):
        goal = max(goal, timers.next_due(books) or goal)
    if not 0 <= goal < THE_YEAR_3000:
        raise BadControl("the clock runs from 1970 to 3000")
    return goal


def _clock_shown(books: Books) -> Fields:
    clock = books.clock
    return {
        "now": iso(books.now()),
        "frozen": clock.frozen_at is not None,
        "offset": clock.offset,
        "speed": clock.speed,
        "banking_day": banking.is_banking_day(date.fromisoformat(banking_day(books.now()))),
    }


def settings(books: Books, request: Request, fields: Fields) -> Fields:
    for name, value in fields.items():
        _check_setting(name, value)
    for name in fields.keys() - {"profile"}:
        books.set_setting(name, fields[name])
    if "profile" in fields or fields.keys() & PACE:
        moves.change_profile(books, fields.get("profile") or books.setting("profile"))
        moves.catch_up(books)
    return books.settings()


def _check_setting(name: str, value: Any) -> None:
    if name not in SETTINGS:
        raise BadControl(f"no such setting: {name}")
    if name == "profile" and value not in PROFILES:
        raise BadControl(f"no such profile: {value}")
    try:
        check(name, value)
    except ValueError as problem:
        raise BadControl(str(problem)) from None


def relationship(books: Books, request: Request, fields: Fields) -> Fields:
    row = known(books, "relationships", request.params["relationship_id"])
    if not fields.get("status"):
        raise BadControl("status is missing")
    relationships.set_status(books, row["id"], fields["status"], at=books.now(), reason=fields.get("reason"))
    moves.catch_up(books)
    return relationships.shown(relationships.fetch(books, row["id"]))


def create_transfer(books: Books, request: Request, fields: Fields) -> Fields:
    """A transfer the application knows nothing of, as somebody at the broker's own dashboard would make it."""
    row = accounts.fetch(books, str(fields.get("account_id")))
    return transfers.shown(transfers.take_in(books, row, {**fields, "transfer_type": "ach"}))


def transfer(books: Books, request: Request, fields: Fields) -> Fields:
    return act_on_transfer(books, request.params["transfer_id"], **fields)


def act_on_transfer(
    books: Books,
    transfer_id: str,
    *,
    action: str = "",
    code: str = "R01",
    reason: str | None = None,
    status: str = "",
    **_: Any,
) -> Fields:
    """Settle, reject, return, advance or set one transfer. A return says its R-code in prose, as banks do."""
    row = known(books, "transfers", transfer_id)
    now = books.now()
    if row["status"] == "RETURNED" and action != "return":
        raise BadControl("what was returned stays returned: its money has been booked back")
    if action == "advance":
        transfers.set_status(books, transfer_id, transfers.NEXT.get(row["status"], row["status"]), at=now)
    elif action == "settle":
        _settle(books, transfer_id, row["status"], now)
    elif action == "reject":
        transfers.set_status(books, transfer_id, "REJECTED", at=now, reason=reason or "rejected by the receiving bank")
    elif action == "return":
        prose = reason or f"{code} - {RETURN_CODES.get(code, 'Returned by the bank')}"
        transfers.set_status(books, transfer_id, "RETURNED", at=now, reason=prose)
    elif action == "set" and status:
        transfers.set_status(books, transfer_id, status, at=now, reason=reason)
    else:
        raise BadControl("action must be settle, reject, return, advance, or set with a status")
    moves.catch_up(books)
    return transfers.shown(transfers.fetch(books, transfer_id))


def _settle(books: Books, transfer_id: str, status: str, now: float) -> None:
    """Straight to COMPLETE, but by way of the network."""
    if status in ("QUEUED", "APPROVAL_PENDING", "PENDING"):
        transfers.set_status(books, transfer_id, "SENT_TO_CLEARING", at=now)
    transfers.set_status(books, transfer_id, "COMPLETE", at=now)


def faults_listed(books: Books, request: Request, fields: Fields) -> list[Fields]:
    return faults.listed(books)


def add_fault(books: Books, request: Request, fields: Fields) -> list[Fields]:
    """Script a fault. One that closes the port needs no route."""
    details = {name: value for name, value in fields.items() if name not in ("route", "kind", "times")}
    kind, route = fields.get("kind"), str(fields.get("route") or "")
    if kind not in faults.KINDS:
        raise BadControl(f"kind must be one of {', '.join(sorted(faults.KINDS))}")
    if kind in faults.PORT:
        route = "* /"
    if " " not in route:
        raise BadControl("route must be a method and a path, such as: POST /broker/v1/accounts/*/transfers")
    faults.add(books, route, str(kind), times=fields.get("times", 1), details=details)
    return faults.listed(books)


def clear_faults(books: Books, request: Request, fields: Fields) -> list[Fields]:
    faults.clear(books)
    return []

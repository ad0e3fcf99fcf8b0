"""What is to happen to the next deposit, armed beforehand: so that a story can be told without hurrying.

Set at the desk; carried out by `moves`, as a timer that looks once a second of the sandbox's time.
"""

import json
import sqlite3
from collections.abc import Callable

from brokerage.sandbox import timers
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import events, transfers
from brokerage.sandbox.clock import iso, parse_moment

PAUSE = 5  # seconds in which a settled deposit is seen as one
UNHEARD_OF = "PARKED"
SINCE = " since "


def arm(books: Books, plan: str) -> None:
    """Wait for the next deposit that is made. Raises KeyError for a plan that is not listed below."""
    if plan not in PLANS:
        raise KeyError(plan)
    disarm(books, plan)
    _look(books, f"{plan}{SINCE}{iso(books.now())}")


def disarm(books: Books, plan: str) -> None:
    books.write("DELETE FROM timers WHERE kind = 'plan' AND entity_id LIKE ?", f"{plan}{SINCE}%")


def armed(books: Books) -> list[str]:
    rows = books.all("SELECT entity_id FROM timers WHERE kind = 'plan' ORDER BY id")
    return [row["entity_id"].partition(SINCE)[0] for row in rows]


def advance(books: Books, entity_id: str, *, at: float) -> None:
    """Carry a plan out if the deposit that it waits for is there; else look again."""
    plan, _, since = entity_id.partition(SINCE)
    sql = "SELECT * FROM transfers WHERE direction = 'INCOMING' AND created_at >= ? ORDER BY created_at LIMIT 1"
    row = books.one(sql, since)
    if row is None or not PLANS[plan](books, row):
        _look(books, entity_id)


def _look(books: Books, entity_id: str) -> None:
    timers.start_for(books, "plan", entity_id, "ARMED", due_at=books.now() + 1)


def _has_settled(books: Books, row: sqlite3.Row) -> bool:
    return row["status"] == "COMPLETE" and parse_moment(row["updated_at"]) + PAUSE <= books.now()


def _return(code: str, name: str) -> Callable[[Books, sqlite3.Row], bool]:
    def act(books: Books, row: sqlite3.Row) -> bool:
        if not _has_settled(books, row):
            return False
        transfers.set_status(books, row["id"], "RETURNED", at=books.now(), reason=f"{code} - {name}")
        return True

    return act


def _park(books: Books, row: sqlite3.Row) -> bool:
    transfers.set_status(books, row["id"], UNHEARD_OF, at=books.now())
    return True


def _tell_old_news(books: Books, row: sqlite3.Row) -> bool:
    """Say again, last step first, what was said before; each dated when it happened."""
    if not _has_settled(books, row):
        return False
    for event in books.all("SELECT * FROM events WHERE entity_id = ? ORDER BY ulid DESC", row["id"]):
        payload = json.loads(event["payload"])
        kept = {name: value for name, value in payload.items() if name not in ("event_id", "at", "account_id")}
        news = {"account_id": event["account_id"], "entity_id": row["id"], "at": event["at"], "payload": kept}
        events.record(books, "funding", **news)
    return True


PLANS: dict[str, Callable[[Books, sqlite3.Row], bool]] = {
    "return R01": _return("R01", "Insufficient Funds"),
    "return R10": _return("R10", "Customer Advises Originator is Not Known or Not Authorized"),
    "unheard-of status": _park,
    "old news": _tell_old_news,
}

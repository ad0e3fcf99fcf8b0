"""The record of every change of status: append-only, one event a change, ids that only grow.

Written by the rooms whose statuses change, in the same entry as the change; read by `streams`.
"""

import json
import secrets
import sqlite3
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BITS = 80


def record(books: Books, stream: str, *, account_id: str, entity_id: str, at: float, payload: dict[str, Any]) -> None:
    """Append an event to `accounts`, `funding` or `activities`, unless control has silenced the streams."""
    if not books.setting("emit_events"):
        return
    ulid = _next_ulid(books, at)
    name = "event_ulid" if stream == "accounts" else "event_id"
    text = json.dumps({name: ulid, "at": iso(at), "account_id": account_id, **payload}, separators=(",", ":"))
    books.insert("events", ulid=ulid, stream=stream, at=at, account_id=account_id, entity_id=entity_id, payload=text)


def later_than(books: Books, stream: str, ulid: str, *, limit: int = 200) -> list[sqlite3.Row]:
    return books.all("SELECT * FROM events WHERE stream = ? AND ulid > ? ORDER BY ulid LIMIT ?", stream, ulid, limit)


def newest(books: Books) -> str:
    row = books.one("SELECT MAX(ulid) AS ulid FROM events")
    return (row["ulid"] if row else None) or ""


def _next_ulid(books: Books, at: float) -> str:
    last = decode(newest(books) or "0")
    fresh = (int(at * 1000) << RANDOM_BITS) | secrets.randbits(RANDOM_BITS)
    # Within one millisecond, or when the clock was set back, count on from the last id.
    return encode(fresh if fresh >> RANDOM_BITS > last >> RANDOM_BITS else last + 1)


def first_ulid_at(moment: float) -> str:
    """The smallest id an event of that moment can have."""
    return encode(max(0, int(moment * 1000)) << RANDOM_BITS)


def moment_of(ulid: str) -> float:
    return (decode(ulid) >> RANDOM_BITS) / 1000


def encode(number: int) -> str:
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def decode(ulid: str) -> int:
    """Raises ValueError for a character that no ULID has."""
    number = 0
    for letter in ulid.upper():
        number = number << 5 | ALPHABET.index(letter)
    return number

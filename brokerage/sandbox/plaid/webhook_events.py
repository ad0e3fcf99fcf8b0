"""/beta/webhook_events/list: every webhook that was sent, and whether it arrived, page by page."""

import json
import sqlite3
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso, parse_moment
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import invalid_field
from brokerage.sandbox.plaid.webhooks import DELIVERED, FAILED, PENDING

MOST, WEEK = 100, 7 * 86_400
STATUSES = (PENDING, DELIVERED, FAILED)


def index(books: Books, fields: Fields) -> Fields:
    """Oldest first; the cursor is what the page before named."""
    count = fields.get("count") or MOST
    if not 1 <= count <= MOST:
        raise invalid_field(f"count must be between 1 and {MOST}")
    if set(fields.get("delivery_statuses") or ()) - set(STATUSES):
        raise invalid_field(f"delivery_statuses must be among {', '.join(STATUSES)}")
    sql = "SELECT * FROM webhook_messages WHERE seq > ? AND created_at >= ? ORDER BY seq"
    rows = [row for row in books.all(sql, _after(fields), _since(books, fields)) if _wanted(row, fields)]
    page = rows[:count]
    return {
        "webhook_events": [_shown(row) for row in page],
        "has_more": len(rows) > count,
        "next_cursor": str(page[-1]["seq"]) if page else str(fields.get("cursor") or ""),
    }


def _after(fields: Fields) -> int:
    cursor = fields.get("cursor") or "0"
    if not cursor.isdigit():
        raise invalid_field("cursor must be one that a page before has named")
    return int(cursor)


def _since(books: Books, fields: Fields) -> float:
    """No longer ago than a week."""
    earliest = books.now() - WEEK
    if not fields.get("start_time"):
        return earliest
    try:
        return max(earliest, parse_moment(fields["start_time"]))
    except ValueError:
        raise invalid_field("start_time must be an ISO 8601 time") from None


def _wanted(row: sqlite3.Row, fields: Fields) -> bool:
    payload = json.loads(row["payload"])
    has = {
        "webhook_types": payload["webhook_type"],
        "webhook_codes": payload["webhook_code"],
        "item_ids": row["item_id"],
        "delivery_statuses": _status(row),
    }
    return all(not fields.get(name) or value in fields[name] for name, value in has.items())


def _status(row: sqlite3.Row) -> str:
    """One that is held back is on its way; one that may not leave this machine never arrives."""
    if row["state"] in STATUSES:
        return str(row["state"])
    return PENDING if row["next_at"] is None and row["trouble"] is None else FAILED


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    payload = json.loads(row["payload"])
    return {
        "webhook_message_id": row["id"],
        "webhook_type": payload["webhook_type"],
        "webhook_code": payload["webhook_code"],
        "item_id": row["item_id"],
        "sent_time": iso(row["created_at"]),
        "payload": payload,
        "destination_url": row["url"],
        "delivery_status": _status(row),
        "last_http_status_code": row["last_status"],
        "attempt_count": row["attempts"],
        "last_attempt_time": iso(row["last_attempt_at"]) if row["last_attempt_at"] else None,
    }

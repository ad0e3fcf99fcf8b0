"""What each event stream carries: which records of `events`, under which cursors, in which form.

The streams of the first generation are told from the same records as those that followed them.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from brokerage.sandbox.books import Books

Payload = dict[str, Any]


@dataclass(frozen=True)
class Feed:
    """`kind` is a stream of `events`; `whole_days` means that `since` and `until` take no time of day."""

    kind: str
    since_id: str
    until_id: str
    form: Callable[[Payload], Payload | None]
    whole_days: bool = True
    first_generation: bool = False

    def told(self, books: Books, row: sqlite3.Row) -> bytes | None:
        """One event as this stream tells it, or None when it has no place here."""
        payload = self.form(json.loads(row["payload"]))
        if payload is None:
            return None
        if self.first_generation and books.setting("integer_event_ids"):
            payload = {**payload, "event_id": row["seq"]}
        return json.dumps(payload, separators=(",", ":")).encode()


def _as_recorded(payload: Payload) -> Payload:
    return payload


def _as_transfer(payload: Payload) -> Payload | None:
    """As it was told before links had events, too."""
    if payload["entity_type"] != "Transfer":
        return None
    return {
        "account_id": payload["account_id"],
        "at": payload["at"],
        "event_ulid": payload["event_id"],
        "transfer_id": payload["entity_id"],
        "status_from": payload["status_from"] or "",
        "status_to": payload["status_to"],
    }


def _as_non_trade_activity(payload: Payload) -> Payload:
    """Here alone, amounts are numbers."""
    return {
        "account_id": payload["account_id"],
        "at": payload["at"],
        "event_ulid": payload["event_id"],
        "id": payload["ref_id"],
        "entry_type": payload["activity_type"],
        "entry_sub_type": payload["activity_subtype"],
        "net_amount": float(payload["net_amount"]),
        "qty": 0,
        "symbol": None,
        "description": "",
        "settle_date": payload["settle_date"],
        "system_date": payload["details"]["system_date"],
        "group_id": payload["details"]["group_id"],
        "status": payload["status"],
    }


ACCOUNTS = Feed("accounts", "since_ulid", "until_ulid", _as_recorded, first_generation=True)
FUNDING = Feed("funding", "since_id", "until_id", _as_recorded)
ACTIVITIES = Feed("activities", "since_id", "until_id", _as_recorded, whole_days=False)
TRANSFERS = Feed("funding", "since_ulid", "until_ulid", _as_transfer, first_generation=True)
NON_TRADE_ACTIVITIES = Feed("activities", "since_ulid", "until_ulid", _as_non_trade_activity, first_generation=True)

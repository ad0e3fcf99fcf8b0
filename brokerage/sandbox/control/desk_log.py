"""The desk's page of news: what the broker's streams have said, what Plaid has sent, how sessions of Link went."""

import json
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import parse_moment
from brokerage.sandbox.control.desk_parts import badge, entry, moment, page, rows, section
from brokerage.sandbox.plaid import institutions
from brokerage.sandbox.wire import Answer, Request

LAST = 40
MISCHIEF = "SELECT GROUP_CONCAT(mischief, ', ') FROM webhook_attempts WHERE message_id = webhook_messages.id"


def log(books: Books, request: Request) -> Answer:
    events = books.all(f"SELECT * FROM events ORDER BY seq DESC LIMIT {LAST}")
    sent = books.all(f"SELECT *, ({MISCHIEF}) AS mischief FROM webhook_messages ORDER BY seq DESC LIMIT {LAST}")
    sessions = books.all(f"SELECT * FROM link_sessions ORDER BY started_at DESC LIMIT {LAST}")
    return page(
        books, request, "Log",
        section("The broker’s events", rows(map(_event, events), empty="Every change of a status will stand here.")),
        section("Plaid’s webhooks", rows(map(_webhook, sent), empty="No Item’s news had an address.")),
        section("Sessions of Link", rows(map(_session, sessions), empty="Nobody has opened Link.")),
        lede=f"The last {LAST} of each, the newest first.",
    )  # fmt: skip


def _event(row: Any) -> str:
    said = json.loads(row["payload"])
    kind = said.get("entity_type") or {"accounts": "Account"}.get(row["stream"], row["stream"].capitalize())
    after = str(said.get("status_to") or said.get("activity_type") or said.get("entry_type") or "")
    change = " → ".join(filter(None, [said.get("status_from"), after])) or "News"
    at = moment(parse_moment(said["at"])) if "at" in said else moment(row["at"])
    return entry(f"{kind}: {change}", "", [at, said.get("reason"), f"{row['entity_id']}, event {row['ulid']}"])


def _webhook(row: Any) -> str:
    said = json.loads(row["payload"])
    tone = "is-danger" if row["state"] == "FAILED" else "is-warn" if row["state"] in ("SUPPRESSED", "HELD") else ""
    tries = f"{row['attempts']} deliveries tried, the last was answered with {row['last_status']}"
    facts = [moment(row["created_at"]), f"To {row['url']}", tries if row["attempts"] else None, row["trouble"]]
    facts += [f"Mischief was done to it: {row['mischief']}" if row["mischief"] else None]
    return entry(f"{said['webhook_type']} {said['webhook_code']}", badge(row["state"], tone), facts)


def _session(row: Any) -> str:
    bank = institutions.name_of(row["institution_id"]) if row["institution_id"] else "No bank chosen"
    result = json.loads(row["result"] or "{}")
    left = result.get("exit") or {}
    error, status = left.get("error") or {}, (left.get("metadata") or {}).get("status")
    word = "LINKED" if result.get("public_token") else "LEFT" if left else "OPEN"
    facts = [moment(row["started_at"]), error.get("error_code"), status, f"Session {row['id']}"]
    return entry(bank, badge(word), facts)

"""What Plaid tells an application about its Items. Here a message is written down; `courier` delivers it.

Called by `changes` and `verification`, by /sandbox/item/fire_webhook, by Link's frame (`session_finished`), and by
control, whose functions are at the end. Bodies: https://plaid.com/docs/api/items/#webhooks and its neighbours.
"""

import json
import sqlite3
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso, iso_seconds
from brokerage.sandbox.plaid import items, signing
from brokerage.sandbox.plaid.refusal import PlaidRefusal
from brokerage.sandbox.plaid.urls import may_be_called
from brokerage.sandbox.wire import Request

PENDING, DELIVERED, FAILED, SUPPRESSED, HELD = "PENDING", "DELIVERED", "FAILED", "SUPPRESSED", "HELD"
Payload = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    at: float
    code: str


def send(books: Books, item: sqlite3.Row, kind: str, code: str, **extra: Any) -> bool:
    """Tell where the Item's news go; whether there is such a place."""
    payload = {"webhook_type": kind, "webhook_code": code, "item_id": item["id"], **extra, "environment": "sandbox"}
    return _write_down(books, item["webhook"], payload, item_id=item["id"])


def send_error(books: Books, item: sqlite3.Row, refusal: PlaidRefusal) -> bool:
    code = "USER_PERMISSION_REVOKED" if refusal.code == "USER_PERMISSION_REVOKED" else "ERROR"
    return send(books, item, "ITEM", code, error=in_webhook(refusal))


def in_webhook(refusal: PlaidRefusal) -> Payload:
    """Only here does an error name the status it would have come with."""
    return {**refusal.shown(), "status": refusal.status}


def disconnect_notice(at: float) -> Payload:
    """What is said a week before a bank ends an access."""
    return {"reason": "INSTITUTION_TOKEN_EXPIRATION", "disconnect_time": iso_seconds(at)}


def auth_update(updated: dict[str, list[str]]) -> Payload:
    """What AUTH DEFAULT_UPDATE says of accounts whose numbers are others now."""
    return {"account_ids_with_new_auth": [], "account_ids_with_updated_auth": updated, "error": None}


def acknowledge_update(books: Books, item: sqlite3.Row) -> None:
    url = item["webhook"]
    send(books, item, "ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED", new_webhook_url=url, error=None)


def session_finished(
    books: Books, url: str | None, *, session_id: str, link_token: str, public_tokens: list[str]
) -> bool:
    """The end of a session of Hosted Link: with public tokens it went well."""
    words = books.setting("plaid_session_status")
    payload = {
        "webhook_type": "LINK",
        "webhook_code": "SESSION_FINISHED",
        "status": words["success"] if public_tokens else words["exit"],
        "link_session_id": session_id,
        "link_token": link_token,
        "public_tokens": public_tokens,
        "public_token": public_tokens[0] if public_tokens else "",
        "environment": "sandbox",
    }
    return _write_down(books, url, payload, item_id=None)


def _write_down(books: Books, url: str | None, payload: Payload, *, item_id: str | None) -> bool:
    if not url:
        return False
    called, now = may_be_called(books, url), books.now()
    books.insert(
        "webhook_messages", id=str(uuid.uuid4()), item_id=item_id, url=url, payload=json.dumps(payload, indent=2),
        created_at=now, state=PENDING if called else SUPPRESSED, next_at=now if called else None,
        trouble=None if called else "not a host of this machine",
    )  # fmt: skip
    return True


def last_sent(books: Books, item_id: str) -> Sent | None:
    row = books.one("SELECT * FROM webhook_messages WHERE item_id = ? ORDER BY seq DESC LIMIT 1", item_id)
    return Sent(row["created_at"], json.loads(row["payload"])["webhook_code"]) if row else None


def control_log(books: Books, request: Request, fields: Payload) -> Payload:
    """GET /control/plaid/webhooks: every message, and what became of each attempt to deliver it."""
    attempts: dict[str, list[Payload]] = defaultdict(list)
    for row in books.all("SELECT * FROM webhook_attempts ORDER BY seq"):
        known = {name: row[name] for name in ("kid", "mischief", "answer")}
        attempts[row["message_id"]].append({"at": iso(row["at"]), **known})
    rows = books.all("SELECT * FROM webhook_messages ORDER BY seq")
    messages = [{**_logged(row), "deliveries": attempts[row["id"]]} for row in rows]
    return {"messages": messages, "keys": signing.listed(books)}


def control_send(books: Books, request: Request, fields: Payload) -> Payload:
    """POST /control/plaid/webhooks: any message about an Item, with whatever fields; also unheard-of ones."""
    fields = dict(fields)
    item = items.by_id(books, str(fields.pop("item_id", "")))
    kind, code = str(fields.pop("webhook_type", "ITEM")), str(fields.pop("webhook_code"))
    return {"sent": send(books, item, kind, code, **fields)}


def control_keys(books: Books, request: Request, fields: Payload) -> Payload:
    """POST /control/plaid/webhook-keys: {"action": "rotate"}, or {"action": "expire", "kid": ...}, else the present."""
    if fields.get("action") == "rotate":
        signing.rotate(books)
    elif fields.get("action") == "expire":
        signing.expire(books, str(fields.get("kid") or signing.present(books)["kid"]))
    else:
        raise ValueError("action must be rotate or expire")
    return {"keys": signing.listed(books)}


def _logged(row: sqlite3.Row) -> Payload:
    return {
        **{name: row[name] for name in ("id", "item_id", "url", "state", "attempts", "last_status", "trouble")},
        "payload": json.loads(row["payload"]),
        "created_at": iso(row["created_at"]),
        "next_at": iso(row["next_at"]) if row["next_at"] is not None else None,
    }

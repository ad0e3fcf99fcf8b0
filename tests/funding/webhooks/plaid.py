"""Plaid, as far as its webhooks go: keys that sign, the place where they are asked for, and the messages."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.test import Client

from funding.operations import webhook_keys
from tests.harness.plaid_signing import SigningKey

URL = "/webhooks/plaid/"
ITEM_ID = "lK4sMaBcDeFgHiJkLmNoPqRsTuVwXyZ012345"
TOKEN = "public-sandbox-5e1a0000-0000-4000-8000-00000000cafe"


@dataclass
class Plaid:
    """Shows the keys that it has, and answers each question with the next of `statuses`, then with what it knows."""

    url: str = ""
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    takes: float = 0  # seconds to answer
    may_answer: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    def new_key(self) -> SigningKey:
        key = SigningKey()
        self.keys[key.kid] = key.jwk()
        return key

    def expire(self, key: SigningKey) -> None:
        self.keys[key.kid]["expired_at"] = int(time.time())

    def answer(self, key_id: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(key_id)
        if self.statuses:
            return self.statuses.pop(0), {"error_code": "INTERNAL_SERVER_ERROR"}
        if key_id in self.keys:
            return 200, {"key": self.keys[key_id], "request_id": "x"}
        return 400, {"error_type": "INVALID_INPUT", "error_code": "INVALID_WEBHOOK_VERIFICATION_KEY_ID"}


@contextmanager
def running_plaid() -> Iterator[Plaid]:
    plaid = Plaid()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            key_id = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["key_id"]
            status, said = plaid.answer(key_id)
            threading.Event().wait(plaid.takes)
            plaid.may_answer.wait(1.5)  # less than one request waits for another
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    plaid.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield plaid
    server.shutdown()
    server.server_close()


def deliver(body: bytes, signature: str | None) -> int:
    """Bring one message to our door; return the status that it is answered with."""
    headers = {} if signature is None else {"Plaid-Verification": signature}
    return Client().post(URL, body, content_type="application/json", headers=headers).status_code


def as_another_process() -> None:
    """Know of keys what the database knows, and nothing else."""
    webhook_keys._good._kept.clear()
    webhook_keys._bad._kept.clear()


def pretty(message: dict[str, Any]) -> bytes:
    """Write a message as Plaid writes it."""
    return json.dumps(message, indent=2).encode()


# --- What Plaid may say: https://plaid.com/docs/api/items/#webhooks and its neighbours --------------------------------

_ERROR = {
    "error_type": "ITEM_ERROR",
    "error_code": "ITEM_LOGIN_REQUIRED",
    "error_message": "the login details of this item have changed",
    "display_message": None,
    "status": 400,
}
_SESSION = {"link_session_id": "5e1a", "link_token": f"link-{TOKEN}"}
ABOUT_ITEMS: dict[tuple[str, str], dict[str, Any]] = {
    ("ITEM", "ERROR"): {"error": _ERROR},
    ("ITEM", "LOGIN_REPAIRED"): {},
    ("ITEM", "PENDING_EXPIRATION"): {"consent_expiration_time": "2026-12-01T00:00:00Z"},
    ("ITEM", "PENDING_DISCONNECT"): {"reason": "INSTITUTION_MIGRATION", "disconnect_time": "2026-12-01T00:00:00Z"},
    ("ITEM", "USER_PERMISSION_REVOKED"): {"error": {**_ERROR, "error_code": "USER_PERMISSION_REVOKED"}},
    ("ITEM", "USER_ACCOUNT_REVOKED"): {"account_id": "an account"},
    ("ITEM", "NEW_ACCOUNTS_AVAILABLE"): {"error": None},
    ("AUTH", "AUTOMATICALLY_VERIFIED"): {"account_id": "an account"},
    ("AUTH", "VERIFICATION_EXPIRED"): {"account_id": "an account"},
    ("AUTH", "DEFAULT_UPDATE"): {
        "account_ids_with_new_auth": [],
        "account_ids_with_updated_auth": {"an account": ["ACCOUNT_NUMBER", "ROUTING_NUMBER"]},
        "error": None,
    },
    ("AUTH", "SMS_MICRODEPOSITS_VERIFICATION"): {"status": "MANUALLY_VERIFIED", "account_id": "an account"},
}
NOT_OURS: dict[tuple[str, str], dict[str, Any]] = {
    ("ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED"): {"new_webhook_url": "https://invest.example.com/", "error": None},
    ("LINK", "SESSION_FINISHED"): {**_SESSION, "status": "success", "public_tokens": [TOKEN], "public_token": TOKEN},
    ("LINK", "ITEM_ADD_RESULT"): {**_SESSION, "public_token": TOKEN},
    ("LINK", "EVENTS"): {**_SESSION, "events": [{"event_name": "HANDOFF"}]},
    ("BANK_TRANSFERS", "BANK_TRANSFERS_EVENTS_UPDATE"): {},
    ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE"): {"initial_update_complete": True},
}
UNFAMILIAR: dict[tuple[str, str], dict[str, Any]] = {
    ("ITEM", "MOON_PHASE"): {"phase": "full"},
    ("AUTH", "ERROR"): {},
    ("HOROSCOPE", "ERROR"): {"sign": "♌", "deep": [[[{"a": None}]]]},
}


def message(kind: str = "ITEM", code: str = "ERROR", *, item_id: str = ITEM_ID, **more: Any) -> dict[str, Any]:
    """Return what Plaid says of one kind and code."""
    extra = {**ABOUT_ITEMS, **NOT_OURS, **UNFAMILIAR}.get((kind, code), {})
    of_item = {} if kind in ("LINK", "BANK_TRANSFERS") else {"item_id": item_id}
    return {"webhook_type": kind, "webhook_code": code, **of_item, **extra, "environment": "sandbox", **more}

"""Link tokens: what a session of Link may do, decided by the server before the browser sees it."""

import json
import sqlite3
import uuid
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso_seconds
from brokerage.sandbox.plaid import items, link_sessions
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.link_token_rules import check, is_update
from brokerage.sandbox.plaid.refusal import PlaidRefusal

MINUTE, HOUR, DAY = 60, 3600, 86_400
FOUR_HOURS, HALF_AN_HOUR = 4 * HOUR, 30 * MINUTE
HOSTED_LIFETIMES = {"sms": DAY, "email": 7 * DAY}


def create(books: Books, fields: Fields) -> Fields:
    check(books, fields)
    if is_update(fields):
        check_may_update(books, items.by_access_token(books, fields["access_token"]))
    now = books.now()
    token = f"link-sandbox-{uuid.uuid4()}"
    expires_at = now + _lifetime(fields)
    books.insert("link_tokens", token=token, created_at=now, expires_at=expires_at, request=json.dumps(fields))
    made = {"link_token": token, "expiration": iso_seconds(expires_at)}
    if fields.get("hosted_link") is not None:
        made["hosted_link_url"] = f"{books.setting('plaid_hosted_link_base')}{token.removeprefix('link-sandbox-')}"
    return {**made, **({"user_id": fields["user_id"]} if fields.get("user_id") else {})}


def check_may_update(books: Books, item: sqlite3.Row) -> None:
    """Signing in again is what update mode is for; access that was taken back it cannot give. Raises PlaidRefusal."""
    trouble = items.trouble_of(books, item)
    if trouble and trouble.code == "USER_PERMISSION_REVOKED":
        raise trouble


def _lifetime(fields: Fields) -> int:
    hosted = fields.get("hosted_link")
    if hosted is not None:
        return int(
            hosted.get("url_lifetime_seconds") or HOSTED_LIFETIMES.get(hosted.get("delivery_method"), HALF_AN_HOUR)
        )
    return HALF_AN_HOUR if is_update(fields) else FOUR_HOURS


def read(books: Books, fields: Fields) -> Fields:
    row = books.one("SELECT * FROM link_tokens WHERE token = ?", fields["link_token"])
    if row is None:
        raise unknown()
    return {
        "link_token": row["token"],
        "created_at": iso_seconds(row["created_at"]),
        "expiration": iso_seconds(row["expires_at"]),
        "metadata": _metadata(json.loads(row["request"])),
        "link_sessions": [link_sessions.shown(session) for session in _sessions(books, row["token"])],
    }


def _metadata(asked: Fields) -> Fields:
    return {
        "initial_products": asked.get("products") or [],
        "webhook": asked.get("webhook"),
        "country_codes": asked["country_codes"],
        "language": asked["language"],
        "account_filters": asked.get("account_filters") or {},
        "client_name": asked["client_name"],
        "redirect_uri": asked.get("redirect_uri"),
        **({"institution_data": asked["institution_data"]} if asked.get("institution_data") else {}),
    }


def live(books: Books, token: Any) -> dict[str, Any]:
    """What was asked for with a token that still holds. Raises PlaidRefusal."""
    row = books.one("SELECT * FROM link_tokens WHERE token = ?", token)
    if row is None or row["expires_at"] <= books.now():
        raise unknown()
    asked: dict[str, Any] = json.loads(row["request"])
    return asked


def unknown() -> PlaidRefusal:
    return PlaidRefusal("INVALID_LINK_TOKEN", "invalid link_token provided, create a new one")


def _sessions(books: Books, token: str) -> list[sqlite3.Row]:
    return books.all("SELECT * FROM link_sessions WHERE link_token = ? ORDER BY started_at", token)

"""Link tokens: what a session of Link may do, decided by the server before the browser sees it."""

import json
import re
import sqlite3
import uuid
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso_seconds
from brokerage.sandbox.plaid import items
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.institutions import check_countries
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field
from brokerage.sandbox.plaid.words import words

FOUR_HOURS, HALF_AN_HOUR = 4 * 3600, 30 * 60
LANGUAGES = words("da nl en et fr de hi it lv lt no pl pt ro es sv vi")
PRODUCTS = words(
    """assets auth beacon cra_base_report cra_income_insights employment identity identity_verification income
    income_verification investments investments_auth layer liabilities payment_initiation processor_payments
    recurring_transactions signal standing_orders statements transactions transactions_refresh transfer"""
)


def create(books: Books, fields: Fields) -> Fields:
    _check(fields)
    update_mode = bool(fields.get("access_token"))
    if update_mode:
        items.by_access_token(books, fields["access_token"])
    now = books.now()
    token = f"link-sandbox-{uuid.uuid4()}"
    expires_at = now + (HALF_AN_HOUR if update_mode else FOUR_HOURS)
    books.insert("link_tokens", token=token, created_at=now, expires_at=expires_at, request=json.dumps(fields))
    return {"link_token": token, "expiration": iso_seconds(expires_at)}


def read(books: Books, fields: Fields) -> Fields:
    row = books.one("SELECT * FROM link_tokens WHERE token = ?", fields["link_token"])
    if row is None:
        raise unknown()
    asked = json.loads(row["request"])
    return {
        "link_token": row["token"],
        "created_at": iso_seconds(row["created_at"]),
        "expiration": iso_seconds(row["expires_at"]),
        "metadata": {
            "initial_products": asked.get("products") or [],
            "webhook": asked.get("webhook"),
            "country_codes": asked["country_codes"],
            "language": asked["language"],
            "account_filters": asked.get("account_filters") or {},
            "client_name": asked["client_name"],
            "redirect_uri": asked.get("redirect_uri"),
        },
        "link_sessions": [_session(session) for session in _sessions(books, row["token"])],
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


def _session(row: sqlite3.Row) -> dict[str, Any]:
    shown = {"link_session_id": row["id"], "started_at": iso_seconds(row["started_at"])}
    if row["finished_at"]:
        result = json.loads(row["result"])
        shown |= {"finished_at": iso_seconds(row["finished_at"]), "results": {"item_add_results": [result]}}
    return shown


def _check(fields: Fields) -> None:
    """Raises PlaidRefusal: the SDK checks no word against its lists, so a slip must be caught here."""
    if not isinstance(fields["client_name"], str):
        raise invalid_field("client_name must be a string")
    if fields["language"] not in LANGUAGES:
        raise invalid_field("language must be a supported language")
    check_countries(fields["country_codes"])
    _check_user(fields["user"])
    _check_products(fields)
    _check_filters(fields.get("account_filters") or {})


def _check_user(user: Any) -> None:
    if not isinstance(user, dict) or not (user.get("client_user_id") or user.get("user_id")):
        raise PlaidRefusal("MISSING_FIELDS", "the following required fields are missing: user.client_user_id")
    phone = user.get("phone_number")
    if phone and not re.fullmatch(r"\+[1-9]\d{6,14}", re.sub(r"[ ().-]", "", str(phone))):
        raise invalid_field("user.phone_number must be in E.164 format")


def _check_products(fields: Fields) -> None:
    products = fields.get("products") or []
    if fields.get("access_token"):
        if products:
            raise invalid_field("products must not be given together with access_token")
        return
    if not products:
        raise PlaidRefusal("MISSING_FIELDS", "the following required fields are missing: products")
    if not isinstance(products, list) or "balance" in products:
        raise PlaidRefusal("INVALID_PRODUCT", "balance comes with every Item and cannot be asked for in products")
    if set(map(str, products)) - PRODUCTS:
        raise invalid_field("products must be an array of known products")
    if "signal" in products and "auth" not in products:
        raise PlaidRefusal("INVALID_PRODUCT", "signal needs auth among the products")


def _check_filters(filters: Any) -> None:
    if not isinstance(filters, dict) or set(filters) - {"depository", "credit", "loan", "investment", "other"}:
        raise invalid_field("account_filters must name known account types")
    for chosen in filters.values():
        subtypes = chosen.get("account_subtypes") if isinstance(chosen, dict) else None
        if not isinstance(subtypes, list):
            raise invalid_field("account_filters must give account_subtypes for every type")

"""How often Plaid's sandbox may be asked in a minute; counted only while the switch is on.

Numbers and codes: https://plaid.com/docs/errors/rate-limit-exceeded/
"""

from dataclasses import dataclass
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid.refusal import PlaidRefusal

MINUTE = 60.0


@dataclass(frozen=True)
class Limit:
    """How many calls a minute, for one Item and for one client; None: as many as you like."""

    per_item: int | None
    per_client: int | None
    item_code: str = "RATE_LIMIT"
    client_code: str = "RATE_LIMIT"


LIMITS = {
    "accounts/balance/get": Limit(25, 100, "BALANCE_LIMIT", "ACCOUNTS_BALANCE_GET_LIMIT"),
    "accounts/get": Limit(100, 5000, "ACCOUNTS_LIMIT", "ACCOUNTS_LIMIT"),
    "auth/get": Limit(100, 500, "AUTH_LIMIT", "AUTH_LIMIT"),
    "identity/get": Limit(100, 1000, "IDENTITY_LIMIT", "IDENTITY_LIMIT"),
    "item/get": Limit(40, 5000, "ITEM_GET_LIMIT", "ITEM_GET_LIMIT"),
    "item/remove": Limit(100, 500),
    "institutions/get": Limit(None, 10, client_code="INSTITUTIONS_GET_LIMIT"),
    "institutions/get_by_id": Limit(None, 400, client_code="INSTITUTIONS_GET_BY_ID_LIMIT"),
    "processor/token/create": Limit(None, 500),
    "signal/decision/report": Limit(None, 4000),
    "signal/return/report": Limit(None, 4000),
    "signal/prepare": Limit(None, 2000),
}
ITEM = "attempts to access this item"
CLIENT = "this client"


def count(books: Books, path: str, fields: dict[str, Any]) -> None:
    """Count a call. Raises PlaidRefusal when it is one too many; that one does not count."""
    limit = LIMITS.get(path)
    if limit is None or not books.setting("plaid_rate_limits"):
        return
    with books.entry():
        books.write("DELETE FROM plaid_calls WHERE at <= ?", books.now() - MINUTE)
        _count(books, path, str(fields.get("access_token") or ""), limit)


def _count(books: Books, path: str, token: str, limit: Limit) -> None:
    of_item = books.number("SELECT COUNT(*) FROM plaid_calls WHERE path = ? AND token = ?", path, token)
    if token and limit.per_item is not None and of_item >= limit.per_item:
        raise _too_many(limit.item_code, ITEM)
    if limit.per_client is not None and _of_everybody(books, path) >= limit.per_client:
        raise _too_many(limit.client_code, CLIENT)
    books.insert("plaid_calls", path=path, token=token, at=books.now())


def _of_everybody(books: Books, path: str) -> int:
    return books.number("SELECT COUNT(*) FROM plaid_calls WHERE path = ?", path)


def _too_many(code: str, whom: str) -> PlaidRefusal:
    return PlaidRefusal(code, f"rate limit exceeded for {whom}. please try again later")

"""Who owns an account, as the bank has it, and how much that looks like somebody an application names."""

import json
import sqlite3
from dataclasses import replace
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import items, matching
from brokerage.sandbox.plaid.accounts import chosen
from brokerage.sandbox.plaid.bank_accounts import EVERYBODY, Owner
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field


def read(books: Books, fields: Fields) -> Fields:
    item = items.usable(books, fields["access_token"])
    rows = chosen(books, item, fields)
    shown = [with_owners(books, item, row) for row in rows]
    return {"accounts": shown, "item": items.shown(books, items.use_product(books, item, "identity"))}


def match(books: Books, fields: Fields) -> Fields:
    """How alike, account by account, from 0 to 100."""
    user = checked_user(fields)
    item = items.usable(books, fields["access_token"])
    rows = chosen(books, item, fields)
    shown = [with_scores(books, item, row, user) for row in rows]
    return {"accounts": shown, "item": items.shown(books, items.use_product(books, item, "identity"))}


def with_owners(books: Books, item: sqlite3.Row, row: sqlite3.Row) -> dict[str, Any]:
    return {**items.account_shown(row), "owners": [_read_owner(books, item, row).shown()]}


def with_scores(books: Books, item: sqlite3.Row, row: sqlite3.Row, user: dict[str, Any]) -> dict[str, Any]:
    shown = items.account_shown(row)
    nothing = dict.fromkeys(shown["balances"])
    return {**shown, "balances": nothing, **matching.scores(user, _read_owner(books, item, row))}


def checked_user(fields: Fields) -> dict[str, Any]:
    """Raises PlaidRefusal."""
    user: dict[str, Any] = fields.get("user") or {}
    for name in ("legal_name", "phone_number", "email_address"):
        if not isinstance(user.get(name), str | None):
            raise invalid_field(f"user.{name} must be a string")
    if not isinstance(user.get("address"), dict | None):
        raise invalid_field("user.address must be an object")
    return user


def _read_owner(books: Books, item: sqlite3.Row, row: sqlite3.Row) -> Owner:
    """Raises PlaidRefusal for an Item that nobody has signed in to."""
    if items.is_manual(books, item["id"]):
        raise PlaidRefusal("PRODUCTS_NOT_SUPPORTED", "identity is not available for an Item that was linked by number")
    return owner_of(item, row)


def owner_of(item: sqlite3.Row, row: sqlite3.Row) -> Owner:
    """Customers without a name of their own bear the Item's; where it has none, they bear whatever name is asked about,
    and to who wants to read one, that of everybody."""
    owner = Owner.of(json.loads(row["details"]).get("_owner") or {})
    if owner.names or item["owner_name"]:
        return replace(owner, names=owner.names or (item["owner_name"],))
    return replace(owner, names=(EVERYBODY,), likeness=matching.SAME if owner.likeness is None else owner.likeness)

"""An Item's accounts: as last seen, as the bank has them now, and with the numbers that money moves by."""

import json
import sqlite3
from decimal import Decimal, InvalidOperation
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso_seconds, parse_moment
from brokerage.sandbox.plaid import items
from brokerage.sandbox.plaid.bank_accounts import ROUTING_NUMBER, WIRE_ROUTING_NUMBER, can_transfer
from brokerage.sandbox.plaid.gate import Fields, is_words
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field
from brokerage.sandbox.plaid.verification import check_verified

DAY = 86_400
DATES_BALANCES = ("ins_128026", "ins_130016")  # Capital One, and the bank that plays it


def read(books: Books, fields: Fields) -> Fields:
    """Cached: what was seen at the last look, and free."""
    item = items.usable(books, fields["access_token"])
    rows = chosen(books, item, fields)
    return {"accounts": [items.account_shown(row) for row in rows], "item": items.shown(books, item)}


def read_balances(books: Books, fields: Fields) -> Fields:
    """Looked up at the bank, which needs somebody who signed in there."""
    item = items.usable(books, fields["access_token"])
    rows = chosen(books, item, fields)
    shown = [fresh(books, item, row, fields.get("options") or {}) for row in rows]
    return {"accounts": shown, "item": items.shown(books, item)}


def read_numbers(books: Books, fields: Fields) -> Fields:
    item = items.usable(books, fields["access_token"])
    rows = [row for row in chosen(books, item, fields) if can_transfer(json.loads(row["details"]))]
    if not rows:
        raise no_auth_accounts()
    for row in rows:
        check_verified(row)
    item = items.use_product(books, item, "auth")
    numbers = {"ach": [ach_of(row) for row in rows], "eft": [], "international": [], "bacs": []}
    accounts = [items.account_shown(row) for row in rows]
    return {"accounts": accounts, "numbers": numbers, "item": items.shown(books, item)}


def chosen(books: Books, item: sqlite3.Row, fields: Fields) -> list[sqlite3.Row]:
    """The accounts that the options name, or all. Raises PlaidRefusal."""
    rows = items.bank_accounts(books, item["id"])
    wanted = (fields.get("options") or {}).get("account_ids")
    if wanted is None:
        return rows
    if not is_words(wanted):
        raise invalid_field("options.account_ids must be an array of strings")
    return [items.among(rows, account_id) for account_id in wanted]


def fresh(books: Books, item: sqlite3.Row, row: sqlite3.Row, options: Fields) -> dict[str, Any]:
    """One account with what the bank says now; between two looks the drift is spent. Raises PlaidRefusal."""
    if items.is_manual(books, item["id"]):
        raise PlaidRefusal("PRODUCTS_NOT_SUPPORTED", "balances are not available for an Item that was linked by number")
    shown = items.account_shown(row)
    balances = _spent(books, shown["balances"])
    if balances != shown["balances"]:
        items.change_account(books, row, balances=balances)
    if item["institution_id"] in DATES_BALANCES:
        balances = {**balances, "last_updated_datetime": _last_updated(books, options)}
    return {**shown, "balances": balances}


def _spent(books: Books, balances: dict[str, Any]) -> dict[str, Any]:
    try:
        drift = Decimal(str(books.setting("plaid_balance_drift")))
    except InvalidOperation:
        drift = Decimal(0)
    moved = {name: balances[name] for name in ("available", "current") if drift and balances[name] is not None}
    return {**balances, **{name: float(Decimal(str(value)) - drift) for name, value in moved.items()}}


def _last_updated(books: Books, options: Fields) -> str:
    """A day old; whoever wants it newer is told that it is not."""
    seen, wanted = books.now() - DAY, options.get("min_last_updated_datetime")
    try:
        too_old = wanted is not None and seen < parse_moment(str(wanted))
    except (ValueError, OverflowError):
        raise invalid_field("options.min_last_updated_datetime must be an ISO 8601 time") from None
    if too_old:
        raise PlaidRefusal("LAST_UPDATED_DATETIME_OUT_OF_RANGE", "the balance is older than min_last_updated_datetime")
    return iso_seconds(seen)


def ach_of(row: sqlite3.Row) -> dict[str, Any]:
    kept = json.loads(row["details"])
    return {
        "account_id": row["id"],
        "account": items.number_of(kept),
        "routing": kept.get("_routing") or ROUTING_NUMBER,
        "wire_routing": kept.get("_wire_routing", WIRE_ROUTING_NUMBER),
        "is_tokenized_account_number": bool(kept.get("_tokenized")),
        "can_transfer_in": True,
        "can_transfer_out": True,
    }


def no_auth_accounts() -> PlaidRefusal:
    return PlaidRefusal("NO_AUTH_ACCOUNTS", "there are no checking or savings accounts on this Item")

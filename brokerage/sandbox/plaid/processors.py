"""Processor tokens: leave for a partner, such as the broker, to draw on one bank account."""

import json
import sqlite3
import uuid
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import identity, items
from brokerage.sandbox.plaid.bank_accounts import ROUTING_NUMBER
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.institutions import BANKS
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field
from brokerage.sandbox.plaid.urls import check_webhook
from brokerage.sandbox.plaid.verification import check_verified
from brokerage.sandbox.plaid.words import PROCESSORS, PRODUCTS

LINKABLE = ("checking", "savings")


def create(books: Books, fields: Fields) -> Fields:
    item = items.usable(books, fields["access_token"])
    account = items.bank_account(books, item["id"], fields["account_id"])
    check_processor(books, fields["processor"])
    _check_drawable(account)
    return {"processor_token": new_token(books, item, account, fields["processor"])}


def check_processor(books: Books, processor: str) -> None:
    """Raises PlaidRefusal for a partner that nobody knows, or that is not switched on for this client."""
    if processor not in PROCESSORS:
        raise invalid_field("processor must be a supported partner")
    if processor in books.setting("disabled_processors"):
        raise PlaidRefusal("INVALID_PRODUCT", f"client is not authorized to use the processor {processor}")


def _check_drawable(account: sqlite3.Row) -> None:
    details = json.loads(account["details"])
    if details["type"] != "depository" or details["subtype"] not in LINKABLE:
        raise PlaidRefusal("ITEM_NOT_SUPPORTED", "only checking and savings accounts can be used with a processor")
    check_verified(account)


def new_token(books: Books, item: sqlite3.Row, account: sqlite3.Row, processor: str) -> str:
    token = f"processor-sandbox-{uuid.uuid4()}"
    books.insert(
        "processor_tokens", token=token, item_id=item["id"], bank_account_id=account["id"], processor=processor
    )
    return token


def create_for_stripe(books: Books, fields: Fields) -> Fields:
    """Stripe has an endpoint of its own, and here no account with Plaid."""
    item = items.usable(books, fields["access_token"])
    items.bank_account(books, item["id"], fields["account_id"])
    raise PlaidRefusal("INVALID_PRODUCT", "client is not authorized to use the processor stripe")


def set_permissions(books: Books, fields: Fields) -> Fields:
    """Which products the partner may use; none named: all."""
    if set(fields["products"] or ()) - PRODUCTS:
        raise invalid_field("products must be an array of known products")
    row = by_token(books, fields["processor_token"])
    products = json.dumps(fields["products"] or [])
    _terms(books, row["token"])
    books.write("UPDATE processor_terms SET products = ? WHERE token = ?", products, row["token"])
    return {}


def read_permissions(books: Books, fields: Fields) -> Fields:
    row = by_token(books, fields["processor_token"])
    return {"products": json.loads(_terms(books, row["token"])["products"])}


def update_webhook(books: Books, fields: Fields) -> Fields:
    check_webhook(fields["webhook"], "webhook")
    row = by_token(books, fields["processor_token"])
    _terms(books, row["token"])
    books.write("UPDATE processor_terms SET webhook = ? WHERE token = ?", fields["webhook"] or None, row["token"])
    return {}


def by_token(books: Books, token: str) -> sqlite3.Row:
    """Raises PlaidRefusal for a token that was never made, or whose Item is gone."""
    sql = """SELECT processor_tokens.* FROM processor_tokens
        JOIN items ON items.id = processor_tokens.item_id AND NOT items.removed WHERE token = ?"""
    row = books.one(sql, token)
    if row is None:
        raise PlaidRefusal("INVALID_PROCESSOR_TOKEN", "could not find matching processor token")
    return row


def behind(books: Books, token: str) -> dict[str, Any]:
    """What the broker reads at Plaid with a processor token: owner, kind and numbers. Raises PlaidRefusal."""
    row = by_token(books, token)
    item = items.by_id(books, row["item_id"])
    items.check_well(books, item)
    if row["outdated"]:
        raise PlaidRefusal("INVALID_PROCESSOR_TOKEN", "the account has other numbers than when this token was made")
    account = items.bank_account(books, item["id"], row["bank_account_id"])
    kept = json.loads(account["details"])
    return {
        "owner_name": " and ".join(identity.owner_of(item, account).names),
        "bank_type": "SAVINGS" if kept["subtype"] == "savings" else "CHECKING",
        "bank_number": items.number_of(kept),
        "bank_routing": kept.get("_routing") or ROUTING_NUMBER,
        "mask": kept["mask"],
    }


def end_tokens(books: Books, item: sqlite3.Row, occasion: str) -> None:
    """Account numbers made for one application end on some occasions, and the tokens that lead to them.

    https://plaid.com/docs/auth/#tokenized-account-numbers
    """
    bank = BANKS.get(item["institution_id"])
    if bank and occasion in bank.tokens_end:
        for account in items.bank_accounts(books, item["id"]):
            items.forget_tokens(books, account["id"])


def check_permitted(books: Books, token: str, product: str) -> None:
    """Raises PlaidRefusal."""
    allowed = json.loads(_terms(books, token)["products"])
    if allowed and product not in allowed:
        raise PlaidRefusal("PRODUCT_NOT_ENABLED", f"the processor token may not be used for {product}")


def _terms(books: Books, token: str) -> sqlite3.Row:
    sql = "SELECT * FROM processor_terms WHERE token = ?"
    row = books.one(sql, token)
    if row is None:
        books.insert("processor_terms", token=token, products="[]")
        row = books.one(sql, token)
    assert row is not None  # noqa: S101
    return row

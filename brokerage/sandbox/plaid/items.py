"""Items: one customer's sign-in at one bank, the tokens that stand for it, and the accounts it shows."""

import json
import sqlite3
import uuid
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso_seconds
from brokerage.sandbox.plaid import institutions, logins
from brokerage.sandbox.plaid.gate import Fields, random_id
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field

HALF_AN_HOUR = 30 * 60
ROUTING_NUMBER = "011401533"


def create(
    books: Books, *, institution_id: str, products: list[str], webhook: str | None, accounts: list[logins.BankAccount]
) -> str:
    """The id of a new Item that shows these accounts."""
    item_id = random_id()
    books.insert(
        "items", id=item_id, access_token=f"access-sandbox-{uuid.uuid4()}", institution_id=institution_id,
        products=json.dumps(products), webhook=webhook, owner_name=books.setting("item_owner_name"),
        created_at=books.now(),
    )  # fmt: skip
    for position, account in enumerate(accounts):
        details = json.dumps(account.details())
        books.insert("bank_accounts", id=random_id(), item_id=item_id, position=position, details=details)
    return item_id


def new_public_token(books: Books, item_id: str) -> str:
    token = f"public-sandbox-{uuid.uuid4()}"
    books.insert("public_tokens", token=token, item_id=item_id, expires_at=books.now() + HALF_AN_HOUR)
    return token


def create_public_token(books: Books, fields: Fields) -> Fields:
    """What Link would have ended with, without Link: every account of the customer is on the Item."""
    institutions.check_known(fields["institution_id"])
    options = fields.get("options") or {}
    webhook = options.get("webhook")
    if not isinstance(webhook, str | None):
        raise invalid_field("options.webhook must be a string")
    username = str(options.get("override_username") or "user_good")
    logins.check(username, str(options.get("override_password") or "pass_good"))
    item_id = create(
        books, institution_id=fields["institution_id"], products=fields["initial_products"],
        webhook=webhook, accounts=list(logins.USERS[username]),
    )  # fmt: skip
    return {"public_token": new_public_token(books, item_id)}


def exchange(books: Books, fields: Fields) -> Fields:
    """The access token, once, for a public token that is not too old."""
    row = books.one("SELECT * FROM public_tokens WHERE token = ?", fields["public_token"])
    if row is None or row["used"] or row["expires_at"] <= books.now():
        raise PlaidRefusal("INVALID_PUBLIC_TOKEN", "could not find matching public token")
    books.write("UPDATE public_tokens SET used = 1 WHERE token = ?", row["token"])
    item = books.one("SELECT * FROM items WHERE id = ?", row["item_id"])
    return {"access_token": item["access_token"] if item else "", "item_id": row["item_id"]}


def read(books: Books, fields: Fields) -> Fields:
    return {"item": shown(by_access_token(books, fields["access_token"])), "status": None}


def remove(books: Books, fields: Fields) -> Fields:
    """Forget the Item; its access token and every processor token die with it."""
    item = by_access_token(books, fields["access_token"])
    books.write("UPDATE items SET removed = 1 WHERE id = ?", item["id"])
    return {}


def accounts(books: Books, fields: Fields) -> Fields:
    item = by_access_token(books, fields["access_token"])
    check_login(item)
    rows = bank_accounts(books, item["id"])
    wanted = (fields.get("options") or {}).get("account_ids")
    if wanted is not None:
        if not isinstance(wanted, list):
            raise invalid_field("options.account_ids must be an array")
        rows = [_among(rows, account_id) for account_id in wanted]
    return {"accounts": [account_shown(row) for row in rows], "item": shown(item)}


def reset_login(books: Books, fields: Fields) -> Fields:
    item = by_access_token(books, fields["access_token"])
    books.write("UPDATE items SET login_required = 1 WHERE id = ?", item["id"])
    return {"reset_login": True}


def by_access_token(books: Books, token: Any) -> sqlite3.Row:
    """Raises PlaidRefusal."""
    row = books.one("SELECT * FROM items WHERE access_token = ?", str(token))
    if row is None:
        raise PlaidRefusal("INVALID_ACCESS_TOKEN", "could not find matching access token")
    if row["removed"]:
        raise PlaidRefusal("ITEM_NOT_FOUND", "the Item you requested cannot be found, it has been removed")
    return row


def check_login(item: sqlite3.Row) -> None:
    if item["login_required"]:
        raise _login_required()


def bank_accounts(books: Books, item_id: str) -> list[sqlite3.Row]:
    return books.all("SELECT * FROM bank_accounts WHERE item_id = ? ORDER BY position", item_id)


def bank_account(books: Books, item_id: str, account_id: Any) -> sqlite3.Row:
    """Raises PlaidRefusal."""
    return _among(bank_accounts(books, item_id), account_id)


def behind_processor_token(books: Books, token: str) -> dict[str, Any]:
    """What the broker reads at Plaid with a processor token: owner, kind and numbers.

    Raises KeyError for a token that was never made or whose Item is gone.
    """
    row = books.one(
        """SELECT items.owner_name, bank_accounts.details FROM processor_tokens
        JOIN items ON items.id = processor_tokens.item_id AND NOT items.removed
        JOIN bank_accounts ON bank_accounts.id = processor_tokens.bank_account_id WHERE token = ?""",
        token,
    )
    if row is None:
        raise KeyError(token)
    details = json.loads(row["details"])
    return {
        "owner_name": row["owner_name"],
        "bank_type": "SAVINGS" if details["subtype"] == "savings" else "CHECKING",
        "bank_number": f"111122223333{details['mask']}",
        "bank_routing": ROUTING_NUMBER,
        "mask": details["mask"],
    }


def account_shown(row: sqlite3.Row) -> dict[str, Any]:
    return {"account_id": row["id"], **json.loads(row["details"])}


def shown(item: sqlite3.Row) -> dict[str, Any]:
    products = json.loads(item["products"])
    return {
        "item_id": item["id"],
        "institution_id": item["institution_id"],
        "institution_name": institutions.name_of(item["institution_id"]),
        "webhook": item["webhook"],
        "error": _login_required().shown() if item["login_required"] else None,
        "available_products": [name for name in institutions.PRODUCTS if name not in (*products, "balance")],
        "billed_products": products,
        "products": products,
        "consented_products": products,
        "consent_expiration_time": None,
        "update_type": "background",
        "auth_method": "INSTANT_AUTH" if "auth" in products else None,
        "created_at": iso_seconds(item["created_at"]),
    }


def _among(rows: list[sqlite3.Row], account_id: Any) -> sqlite3.Row:
    for row in rows:
        if row["id"] == account_id:
            return row
    raise PlaidRefusal("INVALID_ACCOUNT_ID", "failed to find requested account ID for requested item")


def _login_required() -> PlaidRefusal:
    return PlaidRefusal("ITEM_LOGIN_REQUIRED", "the login details of this item have changed and must be given again")

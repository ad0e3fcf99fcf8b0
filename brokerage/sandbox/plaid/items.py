"""Items: one customer's sign-in at one bank, the tokens that stand for it, and the accounts it shows.

Made by Link's frame, by /sandbox and by import; found by access token; what it may be used for depends on its state:
removed, revoked, waiting for its customer to sign in again, or well.
"""

import json
import sqlite3
import uuid
from typing import Any

from brokerage.sandbox import pace, timers
from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso_seconds
from brokerage.sandbox.plaid import institutions
from brokerage.sandbox.plaid.bank_accounts import BankAccount
from brokerage.sandbox.plaid.gate import random_id
from brokerage.sandbox.plaid.refusal import PlaidRefusal

HALF_AN_HOUR = 30 * 60
DAY = 86_400
WEEK = 7 * DAY
MANUAL = ("SAME_DAY_MICRODEPOSITS", "INSTANT_MICRODEPOSITS", "DATABASE_MATCH", "DATABASE_INSIGHTS")
AUTOMATIC = "pending_automatic_verification"
PENDING = (AUTOMATIC, "pending_manual_verification", "unsent")
SCOPES = {"auth": "account_routing_number", "identity": "contact_info", "transactions": "transactions"}


def create(
    books: Books,
    *,
    institution_id: str | None,
    products: list[str],
    webhook: str | None,
    accounts: list[BankAccount],
    auth_method: str | None = None,
) -> str:
    """The id of a new Item that shows these accounts. One that was linked by number names no institution."""
    item_id, now = random_id(), books.now()
    named = [name for account in accounts for name in account.owner.names]
    books.insert(
        "items", id=item_id, access_token=_new_access_token(), institution_id=institution_id or "",
        products=json.dumps(products), webhook=webhook or None, created_at=now,
        owner_name=named[0] if named else books.setting("item_owner_name"),
    )  # fmt: skip
    books.insert("item_states", item_id=item_id, auth_method=auth_method)
    tokenized = bool(institution_id) and institutions.BANKS[str(institution_id)].tokenized
    for position, account in enumerate(accounts):
        kept = json.dumps(account.kept(institution_id=institution_id or "", tokenized=tokenized))
        books.insert("bank_accounts", id=random_id(), item_id=item_id, position=position, details=kept)
    start_timer(books, item_id)
    await_deposits(books, item_id, since=now)
    return item_id


def start_timer(books: Books, item_id: str) -> None:
    """In Plaid's sandbox every sign-in has to be given again after thirty days, or when its bank has said so; where
    nobody signed in, none has."""
    timers.stop(books, item_id)
    state, days = state_of(books, item_id), float(books.setting("plaid_item_days"))
    since = state["signed_in_at"] or by_id(books, item_id)["created_at"]
    ends = [moment for moment in (since + days * DAY if days else None, state["disconnect_at"]) if moment]
    if ends and not is_manual(books, item_id):
        timers.start_for(books, "item", item_id, "WELL", due_at=min(ends))


def sign_in_anew(books: Books, item_id: str) -> None:
    """Nothing is wanted of the customer any more, no end is near, and deposits can be seen again."""
    now = books.now()
    state_of(books, item_id)
    books.write("UPDATE items SET login_required = 0 WHERE id = ?", item_id)
    books.write("UPDATE item_states SET signed_in_at = ?, disconnect_at = NULL WHERE item_id = ?", now, item_id)
    start_timer(books, item_id)
    await_deposits(books, item_id, since=now)


def await_deposits(books: Books, item_id: str, *, since: float) -> None:
    """The deposits of an automatic verification are seen as soon as banks are, and a week after they were sent or
    never."""
    seen_at = pace.due_at(books, "deposits", "SENT", at=since)
    for row in bank_accounts(books, item_id):
        if json.loads(row["details"]).get("verification_status") != AUTOMATIC:
            continue
        if seen_at is None:
            await_end_of_week(books, row)
        else:
            timers.start_for(books, "deposits", row["id"], "SENT", due_at=seen_at)


def await_end_of_week(books: Books, account: sqlite3.Row) -> None:
    sent_at = by_id(books, account["item_id"])["created_at"]
    timers.start_for(books, "bank_account", account["id"], AUTOMATIC, due_at=sent_at + WEEK)


def _new_access_token() -> str:
    return f"access-sandbox-{uuid.uuid4()}"


def new_public_token(books: Books, item_id: str) -> str:
    token = f"public-sandbox-{uuid.uuid4()}"
    books.insert("public_tokens", token=token, item_id=item_id, expires_at=books.now() + HALF_AN_HOUR)
    return token


def take_public_token(books: Books, token: Any) -> sqlite3.Row:
    """The Item behind a public token that is used up by this. Raises PlaidRefusal.

    One that came out of update mode is nothing to exchange: the access token has not changed.
    """
    row = books.one("SELECT * FROM public_tokens WHERE token = ?", token)
    if row is None or row["used"] or row["expires_at"] <= books.now():
        raise _unknown_public_token()
    if state_of(books, row["item_id"])["exchanged"] and not books.setting("plaid_update_mode_tokens_exchange"):
        raise _unknown_public_token()
    books.write("UPDATE public_tokens SET used = 1 WHERE token = ?", row["token"])
    mark_exchanged(books, row["item_id"])
    item = by_id(books, row["item_id"])
    if item["removed"]:
        raise _gone()
    return item


def mark_exchanged(books: Books, item_id: str) -> None:
    books.write("UPDATE item_states SET exchanged = 1 WHERE item_id = ?", item_id)


def change_access_token(books: Books, item_id: str) -> str:
    token = _new_access_token()
    books.write("UPDATE items SET access_token = ? WHERE id = ?", token, item_id)
    return token


def remove(books: Books, item_id: str) -> None:
    """Forget the Item; its access token and every processor token die with it."""
    books.write("UPDATE items SET removed = 1 WHERE id = ?", item_id)
    for waiting in (item_id, *(row["id"] for row in bank_accounts(books, item_id))):
        timers.stop(books, waiting)


def by_id(books: Books, item_id: str) -> sqlite3.Row:
    """Raises KeyError."""
    row = books.one("SELECT * FROM items WHERE id = ?", item_id)
    if row is None:
        raise KeyError(item_id)
    return row


def by_access_token(books: Books, token: Any) -> sqlite3.Row:
    """Raises PlaidRefusal."""
    row = books.one("SELECT * FROM items WHERE access_token = ?", str(token))
    if row is None:
        raise PlaidRefusal("INVALID_ACCESS_TOKEN", "could not find matching access token")
    if row["removed"]:
        raise _gone()
    return row


def usable(books: Books, token: Any) -> sqlite3.Row:
    """The Item of an access token that may be read at its bank just now. Raises PlaidRefusal."""
    item = by_access_token(books, token)
    check_well(books, item)
    return item


def check_well(books: Books, item: sqlite3.Row) -> None:
    trouble = trouble_of(books, item)
    if trouble:
        raise trouble


def trouble_of(books: Books, item: sqlite3.Row) -> PlaidRefusal | None:
    if state_of(books, item["id"])["revoked"]:
        return PlaidRefusal("USER_PERMISSION_REVOKED", "the holder of this account has revoked access to it")
    if item["login_required"]:
        message = "the login details of this item have changed and must be given again"
        return PlaidRefusal("ITEM_LOGIN_REQUIRED", message)
    return None


def state_of(books: Books, item_id: str) -> sqlite3.Row:
    """What is known of an Item beyond its first entry; written down now for one that is older than this."""
    sql = "SELECT * FROM item_states WHERE item_id = ?"
    row = books.one(sql, item_id)
    if row is None:
        used = books.one("SELECT 1 FROM public_tokens WHERE item_id = ? AND used", item_id)
        books.insert("item_states", item_id=item_id, exchanged=int(used is not None))
        row = books.one(sql, item_id)
    assert row is not None  # noqa: S101
    return row


def is_manual(books: Books, item_id: str) -> bool:
    """Whether it was linked by its numbers: nobody has signed in, so there is nothing to read at the bank."""
    return state_of(books, item_id)["auth_method"] in MANUAL


def bank_accounts(books: Books, item_id: str) -> list[sqlite3.Row]:
    return books.all("SELECT * FROM bank_accounts WHERE item_id = ? ORDER BY position", item_id)


def bank_account(books: Books, item_id: str, account_id: Any) -> sqlite3.Row:
    """Raises PlaidRefusal."""
    return among(bank_accounts(books, item_id), account_id)


def among(rows: list[sqlite3.Row], account_id: Any) -> sqlite3.Row:
    """Raises PlaidRefusal."""
    for row in rows:
        if row["id"] == account_id:
            return row
    raise PlaidRefusal("INVALID_ACCOUNT_ID", "failed to find requested account ID for requested item")


def change_account(books: Books, account: sqlite3.Row, **changes: Any) -> None:
    """Change what is kept of an account; None takes a value away."""
    kept = {**json.loads(account["details"]), **changes}
    kept = {name: value for name, value in kept.items() if name not in changes or value is not None}
    books.write("UPDATE bank_accounts SET details = ? WHERE id = ?", json.dumps(kept), account["id"])


def forget_account(books: Books, account_id: str) -> None:
    """It is not shared any more, and takes its processor tokens along."""
    forget_tokens(books, account_id)
    timers.stop(books, account_id)
    books.write("DELETE FROM bank_accounts WHERE id = ?", account_id)


def forget_tokens(books: Books, account_id: str) -> None:
    tokens = "SELECT token FROM processor_tokens WHERE bank_account_id = ?"
    books.write(f"DELETE FROM processor_terms WHERE token IN ({tokens})", account_id)
    books.write("DELETE FROM processor_tokens WHERE bank_account_id = ?", account_id)


def account_shown(row: sqlite3.Row) -> dict[str, Any]:
    kept = json.loads(row["details"])
    return {"account_id": row["id"], **{name: value for name, value in kept.items() if not name.startswith("_")}}


def use_product(books: Books, item: sqlite3.Row, product: str) -> sqlite3.Row:
    """The Item as it is once a product that was only available is used, and billed."""
    products = json.loads(item["products"])
    if product in products:
        return item
    books.write("UPDATE items SET products = ? WHERE id = ?", json.dumps([*products, product]), item["id"])
    return by_id(books, item["id"])


def shown(books: Books, item: sqlite3.Row) -> dict[str, Any]:
    products = json.loads(item["products"])
    trouble, state = trouble_of(books, item), state_of(books, item["id"])
    method = state["auth_method"] or ("INSTANT_AUTH" if "auth" in products else None)
    bank = item["institution_id"] or None
    return {
        "item_id": item["id"],
        "institution_id": bank,
        "institution_name": institutions.name_of(bank) if bank else None,
        "webhook": item["webhook"],
        "error": trouble.shown() if trouble else None,
        "available_products": [name for name in institutions.PRODUCTS if name not in (*products, "balance")],
        "billed_products": products,
        "products": products,
        "consented_products": products,
        "consent_expiration_time": iso_seconds(state["disconnect_at"]) if state["disconnect_at"] else None,
        "update_type": "background",
        "auth_method": method,
    }


def shown_with_consent(books: Books, item: sqlite3.Row) -> dict[str, Any]:
    """As /item/get shows it, and only that."""
    scopes = [SCOPES[name] for name in json.loads(item["products"]) if name in SCOPES]
    return {
        **shown(books, item),
        "created_at": iso_seconds(item["created_at"]),
        "consented_use_cases": [],
        "consented_data_scopes": ["account_balance_info", *scopes],
    }


def _unknown_public_token() -> PlaidRefusal:
    return PlaidRefusal("INVALID_PUBLIC_TOKEN", "could not find matching public token")


def _gone() -> PlaidRefusal:
    return PlaidRefusal("ITEM_NOT_FOUND", "the Item you requested cannot be found, it has been removed")


def number_of(kept: dict[str, Any]) -> str:
    return str(kept.get("_number") or f"111122223333{kept['mask']}")

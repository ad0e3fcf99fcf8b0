"""Accounts linked by their numbers: two small deposits, or a code in a statement, prove that they are the customer's.

Used by Link's frame (the code), by /sandbox/item/set_verification_status, and by whoever needs a verified account.
https://plaid.com/docs/auth/coverage/
"""

import json
import sqlite3

from brokerage.sandbox import timers
from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import items, webhooks
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import CountedRefusal, PlaidRefusal, invalid_field

CODE = "ABC"
ATTEMPTS = 3
SETTABLE = ("automatically_verified", "verification_expired")
FAILED = ("verification_expired", "verification_failed")


def status_of(account: sqlite3.Row) -> str | None:
    """None for an account whose numbers came from its bank."""
    status: str | None = json.loads(account["details"]).get("verification_status")
    return status


def check_verified(account: sqlite3.Row) -> None:
    """Raises PlaidRefusal while nobody knows whose account it is, and once that has failed."""
    status = status_of(account)
    if status in items.PENDING:
        raise PlaidRefusal("PRODUCT_NOT_READY", "the account is still to be verified; try again when it is")
    if status in FAILED:
        raise PlaidRefusal("NO_AUTH_ACCOUNTS", "the account could not be verified")


def see(books: Books, account_id: str, *, at: float) -> None:
    """The deposits have arrived, and can be seen where somebody is signed in; called when their timer is due."""
    account = books.one("SELECT * FROM bank_accounts WHERE id = ?", account_id)
    if account is None or not awaits_deposits(account):
        return
    if items.trouble_of(books, items.by_id(books, account["item_id"])):
        items.await_end_of_week(books, account)
    else:
        settle(books, account, "automatically_verified")


def expire(books: Books, account_id: str, *, at: float) -> None:
    """The week is over."""
    account = books.one("SELECT * FROM bank_accounts WHERE id = ?", account_id)
    if account is not None and awaits_deposits(account):
        settle(books, account, "verification_expired")


def restart_timers(books: Books) -> None:
    for item in books.all("SELECT id, created_at FROM items WHERE NOT removed"):
        items.await_deposits(books, item["id"], since=item["created_at"])


def set_status(books: Books, fields: Fields) -> Fields:
    """As the bank's answer to the deposits would; only for accounts that wait for it."""
    if fields["verification_status"] not in SETTABLE:
        raise invalid_field(f"verification_status must be one of {', '.join(SETTABLE)}")
    item = items.by_access_token(books, fields["access_token"])
    account = items.bank_account(books, item["id"], fields["account_id"])
    if not awaits_deposits(account):
        raise invalid_field("the account is not waiting for an automatic verification")
    settle(books, account, fields["verification_status"])
    return {}


def awaits_deposits(account: sqlite3.Row) -> bool:
    return status_of(account) == items.AUTOMATIC


def settle(books: Books, account: sqlite3.Row, status: str) -> None:
    timers.stop(books, account["id"])
    items.change_account(books, account, verification_status=status)
    code = "AUTOMATICALLY_VERIFIED" if status == "automatically_verified" else "VERIFICATION_EXPIRED"
    webhooks.send(books, items.by_id(books, account["item_id"]), "AUTH", code, account_id=account["id"])


def check_code(books: Books, item_id: str, code: str) -> None:
    """Take the code that a customer found in the statement; whichever case. Raises PlaidRefusal.

    The third wrong one is the last.
    """
    waiting = [row for row in items.bank_accounts(books, item_id) if status_of(row) == "pending_manual_verification"]
    if not waiting:
        raise PlaidRefusal("TOO_MANY_VERIFICATION_ATTEMPTS")
    if is_code(code):
        _mark(books, waiting, "manually_verified")
        return
    books.write("UPDATE item_states SET attempts = attempts + 1 WHERE item_id = ?", item_id)
    if items.state_of(books, item_id)["attempts"] >= ATTEMPTS:
        _mark(books, waiting, "verification_failed")
        raise CountedRefusal("TOO_MANY_VERIFICATION_ATTEMPTS")
    raise CountedRefusal("INCORRECT_DEPOSIT_VERIFICATION")


def is_code(text: str) -> bool:
    return text.strip().upper() == CODE


def _mark(books: Books, accounts: list[sqlite3.Row], status: str) -> None:
    for account in accounts:
        items.change_account(books, account, verification_status=status)

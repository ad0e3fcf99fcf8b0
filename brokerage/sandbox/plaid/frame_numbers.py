"""Linking by number, without a sign-in, and the code from the statement that proves the account one's own.

https://plaid.com/docs/auth/coverage/same-day/
"""

import re
import sqlite3
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import frame_sessions, items, verification
from brokerage.sandbox.plaid.bank_accounts import BankAccount, Owner
from brokerage.sandbox.plaid.frame_sessions import Session
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import PlaidRefusal

METHOD = "SAME_DAY_MICRODEPOSITS"


def are_welcome(session: Session) -> bool:
    """Whether the link token lets customers without a sign-in type their numbers.

    Plaid does so where `products` is auth alone; what is merely required if supported is no hindrance.
    """
    asked = session.asked
    switched_on = (asked.get("auth") or {}).get("same_day_microdeposits_enabled")
    return bool(switched_on) and not session.updates and set(asked.get("products") or ()) <= {"auth", "transfer"}


def enter(books: Books, fields: Fields) -> Fields:
    """Take the numbers. Raises PlaidRefusal."""
    session = frame_sessions.find(books, fields["session_id"])
    if not are_welcome(session):
        raise PlaidRefusal("PRODUCTS_NOT_SUPPORTED")
    if not _is_routing_number(str(fields["routing"])):
        raise _not_numbers("That is not a routing number: it has nine digits, at the bottom left of a check.")
    if not re.fullmatch(r"\d{4,17}", str(fields["account"])):
        raise _not_numbers("That is not an account number: it has 4 to 17 digits.")
    session.signed_in, session.institution_id = True, None
    session.details["numbers"] = {name: str(fields[name]) for name in ("routing", "account", "name", "subtype")}
    frame_sessions.keep(books, session)
    return {"next": "connected"}


def account_of(numbers: dict[str, Any]) -> BankAccount:
    subtype = "savings" if numbers["subtype"] == "savings" else "checking"
    return BankAccount(
        f"{subtype.capitalize()} account", numbers["account"][-4:], "depository", subtype, None, 0,
        number=numbers["account"], routing=numbers["routing"], owner=Owner(names=(numbers["name"],)),
        verification_status="pending_manual_verification",
    )  # fmt: skip


def update(books: Books, session: Session, item: sqlite3.Row) -> Fields:
    """The code is wanted while it is outstanding; after that there is nothing to sign in to. Raises PlaidRefusal."""
    statuses = [verification.status_of(row) for row in items.bank_accounts(books, item["id"])]
    if "pending_manual_verification" in statuses:
        return {"next": "deposit"}
    if "verification_failed" in statuses:
        raise PlaidRefusal("TOO_MANY_VERIFICATION_ATTEMPTS")
    session.signed_in = True
    frame_sessions.keep(books, session)
    return {"next": "connected"}


def check_code(books: Books, fields: Fields) -> Fields:
    """Raises PlaidRefusal; the third wrong code is the last."""
    session = frame_sessions.find(books, fields["session_id"])
    item = items.by_access_token(books, session.asked.get("access_token"))
    verification.check_code(books, item["id"], str(fields["code"]))
    session.signed_in = True
    frame_sessions.keep(books, session)
    return {"next": "connected"}


def _not_numbers(sentence: str) -> PlaidRefusal:
    refusal = PlaidRefusal("INVALID_ACCOUNT_NUMBER", sentence)
    refusal.display = sentence
    return refusal


def _is_routing_number(text: str) -> bool:
    """Nine digits whose weighted sum is a multiple of ten."""
    weights = (3, 7, 1) * 3
    return bool(re.fullmatch(r"\d{9}", text)) and sum(int(d) * w for d, w in zip(text, weights, strict=True)) % 10 == 0

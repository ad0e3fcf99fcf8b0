"""Linking by number, without a sign-in, and the code from the statement that proves the account one's own.

The deposit that carries it arrives on the same day, and the code is typed in update mode; or in real time, and it is
typed at once. https://plaid.com/docs/auth/coverage/same-day/, https://plaid.com/docs/auth/coverage/instant/
"""

import re
import sqlite3
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import frame_sessions, items, verification
from brokerage.sandbox.plaid.bank_accounts import BankAccount, Owner
from brokerage.sandbox.plaid.frame_sessions import Session
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.institutions import BANKS, Bank
from brokerage.sandbox.plaid.refusal import CountedRefusal, PlaidRefusal, invalid_field

SAME_DAY, INSTANT = "SAME_DAY_MICRODEPOSITS", "INSTANT_MICRODEPOSITS"
SWITCHES = {SAME_DAY: "same_day_microdeposits_enabled", INSTANT: "instant_microdeposits_enabled"}
IN_REAL_TIME = "instant_micro_deposits"


def are_welcome(session: Session, method: str = SAME_DAY) -> bool:
    """Whether the link token lets customers without a sign-in type their numbers.

    Plaid does so where `products` is auth alone; what is merely required if supported is no hindrance.
    """
    asked = session.asked
    switched_on = (asked.get("auth") or {}).get(SWITCHES[method])
    return bool(switched_on) and not session.updates and set(asked.get("products") or ()) <= {"auth", "transfer"}


def are_the_only_way(session: Session, bank: Bank) -> bool:
    """At a bank without a sign-in that takes deposits in real time."""
    return bank.methods == (IN_REAL_TIME,) and are_welcome(session, INSTANT)


def enter(books: Books, fields: Fields) -> Fields:
    """Take the numbers. Raises PlaidRefusal."""
    session = frame_sessions.find(books, fields["session_id"])
    if not any(are_welcome(session, method) for method in SWITCHES):
        raise PlaidRefusal("PRODUCTS_NOT_SUPPORTED")
    if not _is_routing_number(str(fields["routing"])):
        raise not_numbers("That is not a routing number: it has nine digits, at the bottom left of a check.")
    if not re.fullmatch(r"\d{4,17}", str(fields["account"])):
        raise not_numbers("That is not an account number: it has 4 to 17 digits.")
    method = _method(session, str(fields["routing"]))
    session.signed_in, session.institution_id = method == SAME_DAY, None
    numbers = {name: str(fields[name]) for name in ("routing", "account", "name", "subtype")}
    session.details["numbers"] = {**numbers, "method": method}
    frame_sessions.keep(books, session)
    return {"next": "connected" if session.signed_in else "deposit"}


def _method(session: Session, routing: str) -> str:
    """In real time where bank and link token allow it, else on the same day. Raises PlaidRefusal."""
    in_real_time = any(routing in bank.routing for bank in BANKS.values() if IN_REAL_TIME in bank.methods)
    if in_real_time and are_welcome(session, INSTANT):
        return INSTANT
    if are_welcome(session):
        return SAME_DAY
    raise not_numbers("Accounts at this bank cannot be connected by their numbers.")


def account_of(numbers: dict[str, Any]) -> BankAccount:
    subtype = "savings" if numbers["subtype"] == "savings" else "checking"
    return BankAccount(
        f"{subtype.capitalize()} account", numbers["account"][-4:], "depository", subtype, None, 0,
        number=numbers["account"], routing=numbers["routing"], owner=Owner(names=(numbers["name"],)),
        verification_status="manually_verified" if numbers["method"] == INSTANT else "pending_manual_verification",
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
    if session.updates:
        item = items.by_access_token(books, session.asked["access_token"])
        verification.check_code(books, item["id"], str(fields["code"]))
    else:
        _check_at_once(books, session, str(fields["code"]))
    session.signed_in = True
    frame_sessions.keep(books, session)
    return {"next": "connected"}


def _check_at_once(books: Books, session: Session, code: str) -> None:
    """The code of a deposit in real time, before there is an Item. Raises PlaidRefusal."""
    if (session.details.get("numbers") or {}).get("method") != INSTANT:
        raise invalid_field("the session is not waiting for a code")
    wrong = session.details.get("wrong_codes", 0)
    if wrong < verification.ATTEMPTS and verification.is_code(code):
        return
    session.details["wrong_codes"] = wrong + 1
    frame_sessions.keep(books, session)
    last = wrong + 1 >= verification.ATTEMPTS
    raise CountedRefusal("TOO_MANY_VERIFICATION_ATTEMPTS" if last else "INCORRECT_DEPOSIT_VERIFICATION")


def not_numbers(sentence: str) -> PlaidRefusal:
    """What was typed is no account, or not this one; the customer is told in these words."""
    refusal = PlaidRefusal("INVALID_ACCOUNT_NUMBER", sentence)
    refusal.display = sentence
    return refusal


def _is_routing_number(text: str) -> bool:
    """Nine digits whose weighted sum is a multiple of ten."""
    weights = (3, 7, 1) * 3
    return bool(re.fullmatch(r"\d{9}", text)) and sum(int(d) * w for d, w in zip(text, weights, strict=True)) % 10 == 0

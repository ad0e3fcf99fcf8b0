"""Numbers typed after a sign-in, at a bank that shows accounts without them: matched at once, or proved by deposits.

Houndstooth Bank is such a one. Plaid's sandbox can match the numbers of savings ending in 1111 and of no other account.
https://plaid.com/docs/auth/coverage/testing/
"""

from dataclasses import replace

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import frame_offers, frame_sessions, items
from brokerage.sandbox.plaid.bank_accounts import BankAccount
from brokerage.sandbox.plaid.frame_numbers import not_numbers
from brokerage.sandbox.plaid.frame_sessions import Session
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.institutions import BANKS
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field

MATCHED_MASK = "1111"
INSTANT, AUTOMATED = "INSTANT_MATCH", "AUTOMATED_MICRODEPOSITS"
SWITCHES = {INSTANT: "instant_match_enabled", AUTOMATED: "automated_microdeposits_enabled"}


def is_wanted(session: Session) -> bool:
    """Whether this bank leaves the numbers to its customers, and the link token a way to prove them."""
    bank = BANKS.get(session.institution_id or "")
    if bank is None or session.updates or "instant_match" not in bank.methods:
        return False
    return "auth" in session.asked["products"] and any(_allows(session, method) for method in SWITCHES)


def _allows(session: Session, method: str) -> bool:
    return bool((session.asked.get("auth") or {}).get(SWITCHES[method]))


def enter(books: Books, fields: Fields) -> Fields:
    """Take the numbers of one account. Raises PlaidRefusal."""
    session = frame_sessions.find(books, fields["session_id"])
    if not session.signed_in or not is_wanted(session):
        raise invalid_field("the session is not waiting for numbers")
    chosen = frame_offers.picked(frame_offers.offered(session), fields["accounts"])
    if len(chosen) != 1:
        raise invalid_field("one account must be chosen")
    _check_numbers(session, chosen[0], str(fields["routing"]), str(fields["account"]))
    session.details |= {"chosen": fields["accounts"], "method": _method(session, chosen[0])}
    frame_sessions.keep(books, session)
    return {"next": "connected"}


def _check_numbers(session: Session, account: BankAccount, routing: str, number: str) -> None:
    """Raises PlaidRefusal: numbers of some other account would prove nothing."""
    bank = BANKS[str(session.institution_id)]
    if routing != (account.routing or bank.routing[0]):
        raise not_numbers(f"That is not the routing number of {bank.name}.")
    if number != account.own_number:
        raise not_numbers(f"That is not the number of {account.name}.")


def _method(session: Session, account: BankAccount) -> str:
    if account.mask == MATCHED_MASK and _allows(session, INSTANT):
        return INSTANT
    if _allows(session, AUTOMATED):
        return AUTOMATED
    raise PlaidRefusal("INSTANT_MATCH_FAILED")


def proved(session: Session) -> tuple[BankAccount, str]:
    """The account as it comes onto the Item, and how its numbers are proved. Raises PlaidRefusal."""
    if "method" not in session.details:
        raise invalid_field("the session is waiting for numbers")
    (account,) = frame_offers.picked(frame_offers.offered(session), session.details["chosen"])
    method: str = session.details["method"]
    routing = account.routing or BANKS[str(session.institution_id)].routing[0]
    waits = items.AUTOMATIC if method == AUTOMATED else None
    return replace(account, routing=routing, verification_status=waits), method

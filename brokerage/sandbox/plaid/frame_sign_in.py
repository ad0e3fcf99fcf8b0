"""Signing in at a bank inside Link: the password, and round by round whatever the bank asks besides."""

from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import frame_sessions, institutions, logins
from brokerage.sandbox.plaid.challenges import Challenge
from brokerage.sandbox.plaid.frame_accounts import next_with_accounts
from brokerage.sandbox.plaid.frame_sessions import Session
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import CountedRefusal, PlaidRefusal, invalid_field

PHONE_CODE = "123456"


def sign_in(books: Books, fields: Fields) -> Fields:
    """Raises PlaidRefusal; a wrong password counts against the link token."""
    session = frame_sessions.find(books, fields["session_id"])
    institutions.check_serving(fields["institution_id"])
    username, password = str(fields["username"]), str(fields["password"])
    try:
        asked = logins.rounds(username, password)
    except PlaidRefusal as refusal:
        frame_sessions.count_failure(books, session)
        raise CountedRefusal(refusal.code, refusal.message) from None
    session.institution_id, session.username = fields["institution_id"], logins.remembered(username, password)
    session.details |= {"password": password if asked else "", "turn": 0}
    return _after(books, session, asked)


def device(books: Books, fields: Fields) -> Fields:
    """Send the code to one of the devices."""
    return _answered(books, fields, ("device",), [str(fields["device_id"])])


def code(books: Books, fields: Fields) -> Fields:
    """Take the code; whoever chose no device has it on the first."""
    session = frame_sessions.find(books, fields["session_id"])
    asked = _rounds(session)
    if _present(session, asked) and asked[session.details["turn"]].kind == "device":
        session.details["turn"] += 1
        frame_sessions.keep(books, session)
    return _answered(books, fields, ("code",), [str(fields["code"])])


def answers(books: Books, fields: Fields) -> Fields:
    return _answered(books, fields, ("questions", "selections"), fields["answers"])


def _answered(books: Books, fields: Fields, kinds: tuple[str, ...], given: list[str]) -> Fields:
    session = frame_sessions.find(books, fields["session_id"])
    asked = _rounds(session)
    if not _present(session, asked) or asked[session.details["turn"]].kind not in kinds:
        raise PlaidRefusal("INVALID_MFA", "nothing of this kind was asked")
    asked[session.details["turn"]].check([answer.strip() for answer in given])
    session.details["turn"] += 1
    return _after(books, session, asked)


def _rounds(session: Session) -> tuple[Challenge, ...]:
    password = session.details.get("password")
    username = str(session.username).partition(" ")[0]
    return logins.rounds(username, password) if password else ()


def _present(session: Session, asked: tuple[Challenge, ...]) -> bool:
    return session.details.get("turn", 0) < len(asked)


def _after(books: Books, session: Session, asked: tuple[Challenge, ...]) -> Fields:
    """What comes next: another round, or the accounts."""
    session.signed_in = not _present(session, asked)
    frame_sessions.keep(books, session)
    if session.signed_in:
        return next_with_accounts(books, session)
    return _shown(asked[session.details["turn"]])


def _shown(challenge: Challenge) -> dict[str, Any]:
    prompts = challenge.shown()["prompts"]
    if challenge.kind == "device":
        return {"next": "code", "devices": prompts[0]["choices"]}
    return {"next": challenge.kind, "questions": prompts}


def enter_phone(books: Books, fields: Fields) -> Fields:
    frame_sessions.find(books, fields["session_id"])
    if sum(letter.isdigit() for letter in str(fields["phone_number"])) < 10:
        refusal = invalid_field("phone_number must have ten digits")
        refusal.display = "Enter a phone number of ten digits, or continue as guest."
        raise refusal
    return {}


def check_phone(books: Books, fields: Fields) -> Fields:
    frame_sessions.find(books, fields["session_id"])
    if fields["code"] != PHONE_CODE:
        raise PlaidRefusal("INVALID_OTP")
    return {}

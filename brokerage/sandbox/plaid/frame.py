"""What Link's frame asks of the server: which banks, is this the password, which accounts, and the public token.

Every answer but the last says what comes `next`; `frame_sessions` remembers, `frame_sign_in`, `frame_oauth` and
`frame_numbers` are three ways to an account, `frame_match` is for banks that tell no numbers, and `frame_accounts` is
the end of all.
"""

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import frame_numbers, frame_oauth, frame_sessions, institutions, items, link_tokens
from brokerage.sandbox.plaid.frame_accounts import next_with_accounts
from brokerage.sandbox.plaid.frame_sessions import Session
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import invalid_field


def start(books: Books, fields: Fields) -> Fields:
    """Begin a session, or go on with one that comes back from a bank's own pages."""
    link_token, returned_to = fields["link_token"], fields.get("received_redirect_uri")
    if not returned_to:
        session = frame_sessions.begin(books, link_token)
        return {**_greeting(books, session), **_beginning(books, session)}
    link_tokens.live(books, link_token)
    session = frame_oauth.returned(books, link_token, str(returned_to))
    return {**_greeting(books, session), **next_with_accounts(books, session)}


def _greeting(books: Books, session: Session) -> Fields:
    client_name = session.asked["client_name"]
    shown = institutions.name_of(session.institution_id) if session.institution_id else None
    return {
        "session_id": session.id,
        "client_name": client_name if len(client_name) <= 30 else "This Application",
        "updates": session.updates,
        "timing": books.setting("link_events"),
        "intro": [],
        "institution": {"institution_id": session.institution_id, "name": shown} if shown else None,
    }


def _beginning(books: Books, session: Session) -> Fields:
    """A new link begins with what Plaid says of itself; an update at the Item's own bank and no other."""
    if session.updates:
        item = items.by_access_token(books, session.asked["access_token"])
        link_tokens.check_may_update(books, item)
        session.institution_id = item["institution_id"] or None
        frame_sessions.keep(books, session)
        by_number = items.is_manual(books, item["id"])
        pane = frame_numbers.update(books, session, item) if by_number else _sign_in_at(books, session)
        return {**_greeting(books, session), **pane}
    panes = {"consent": books.setting("link_consent_pane"), "phone": books.setting("link_phone_pane")}
    return {"intro": [pane for pane, wanted in panes.items() if wanted]}


def institutions_found(books: Books, fields: Fields) -> Fields:
    session = frame_sessions.find(books, fields["session_id"])
    found = institutions.named_like(str(fields.get("query") or ""), session.asked["country_codes"])
    banks = [_bank(institution_id) for institution_id in found]
    return {"institutions": banks, "numbers": frame_numbers.are_welcome(session)}


def _bank(institution_id: str) -> Fields:
    bank = institutions.BANKS[institution_id]
    shown = {"institution_id": institution_id, "name": bank.name, "status": bank.health}
    return {**shown, "note": "Often fails at the moment"} if bank.health == "DEGRADED" else shown


def choose(books: Books, fields: Fields) -> Fields:
    """Go to a bank. Raises PlaidRefusal for one that is down or not supported any more."""
    session = frame_sessions.find(books, fields["session_id"])
    institutions.check_serving(fields["institution_id"])
    if session.updates and session.institution_id != fields["institution_id"]:
        raise invalid_field("an update is about the bank of its Item")
    session.institution_id = fields["institution_id"]
    session.signed_in = False
    # What was entered at another bank is forgotten, but not the wrong passwords.
    session.details = {name: value for name, value in session.details.items() if name == "failures"}
    frame_sessions.keep(books, session)
    return _sign_in_at(books, session)


def _sign_in_at(books: Books, session: Session) -> Fields:
    bank = institutions.BANKS[str(session.institution_id)]
    if frame_numbers.are_the_only_way(session, bank):
        return {"next": "numbers", "routing": bank.routing[0]}
    if bank.oauth:
        return {"next": "oauth", **frame_oauth.begin(books, session)}
    return {"next": "credentials", "degraded": bank.health == "DEGRADED"}


def oauth(books: Books, fields: Fields) -> Fields:
    """How it went at the bank's own pages: wait, or go on, or a refusal."""
    session = frame_sessions.find(books, fields["session_id"])
    if not frame_oauth.decided(books, session, gave_up=bool(fields.get("gave_up"))):
        return {"next": "wait"}
    return next_with_accounts(books, frame_sessions.find(books, session.id))


def leave(books: Books, fields: Fields) -> Fields:
    """Write down how a session ended that did not end well."""
    session = frame_sessions.find(books, fields["session_id"])
    bank = session.institution_id
    metadata = {
        "institution": {"institution_id": bank, "name": institutions.name_of(bank)} if bank else None,
        "status": fields.get("status"),
        "link_session_id": session.id,
    }
    result = {"exit": {"error": fields.get("error"), "metadata": metadata}, "events": fields.get("events") or []}
    frame_sessions.finish(books, session, result)
    return {}

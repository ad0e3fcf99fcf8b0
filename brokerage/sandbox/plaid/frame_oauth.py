"""Banks that ask on their own pages: the state that goes out with the customer, and what comes back with them.

Link opens such a page in a window of its own, or sends the whole page there and is begun anew on the way back with
the address it came back by. https://plaid.com/docs/link/oauth/
"""

import json
import sqlite3
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import frame_sessions, items
from brokerage.sandbox.plaid.frame_sessions import Session
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field

# At such a bank any customer is let in: https://plaid.com/docs/sandbox/test-credentials/
USERNAME = "user_good"


def begin(books: Books, session: Session) -> dict[str, Any]:
    """Where to go, and how: in a window, or away and back where the link token names an address to return to."""
    state_id = str(uuid.uuid4())
    books.insert("link_oauth_states", id=state_id, session_id=session.id)
    session.details["state_id"] = state_id
    frame_sessions.keep(books, session)
    returns = bool(session.asked.get("redirect_uri"))
    away = returns and not books.setting("link_oauth_popup_first")
    url = f"/plaid/link/oauth/{state_id}"
    return {"way": "redirect" if away else "popup", "url": url, "fallback": returns}


def state(books: Books, state_id: str) -> sqlite3.Row:
    """Raises KeyError."""
    row = books.one("SELECT * FROM link_oauth_states WHERE id = ?", state_id)
    if row is None:
        raise KeyError(state_id)
    return row


def decide(books: Books, state_id: str, keys: list[str] | None) -> None:
    """Write down the customer's decision, once: these accounts, or None for no."""
    outcome = "denied" if keys is None else "approved"
    sql = "UPDATE link_oauth_states SET outcome = ?, masks = ? WHERE id = ? AND outcome IS NULL"
    books.write(sql, outcome, json.dumps(keys or []), state_id)


def decided(books: Books, session: Session, *, gave_up: bool) -> bool:
    """Whether the customer has approved by now. Raises PlaidRefusal when they did not want to, or went away."""
    row = state(books, session.details["state_id"])
    if row["outcome"] is None and not gave_up:
        return False
    _take_over(books, session, row)
    return True


def returned(books: Books, link_token: str, address: str) -> Session:
    """The session that left for a bank's pages and is back at this address. Raises PlaidRefusal."""
    row = _state_in(books, address)
    session = frame_sessions.find(books, row["session_id"])
    if session.link_token != link_token:
        raise PlaidRefusal("INCORRECT_LINK_TOKEN", "the link token is not the one that this sign-in began with")
    if not _is_return_address(address, str(session.asked.get("redirect_uri")), row["id"]):
        raise PlaidRefusal("INCORRECT_OAUTH_NONCE", "the address was changed on the way back")
    if row["processed"]:
        raise PlaidRefusal("OAUTH_STATE_ID_ALREADY_PROCESSED", "this oauth_state_id was used before")
    books.write("UPDATE link_oauth_states SET processed = 1 WHERE id = ?", row["id"])
    _take_over(books, session, row)
    return session


def _state_in(books: Books, address: str) -> sqlite3.Row:
    given = parse_qs(urlsplit(address).query).get("oauth_state_id")
    if not given:
        raise invalid_field("received_redirect_uri must carry an oauth_state_id")
    try:
        return state(books, given[0])
    except KeyError:
        raise PlaidRefusal("OAUTH_STATE_ID_NOT_FOUND", "the oauth_state_id was not found") from None


def _is_return_address(address: str, redirect_uri: str, state_id: str) -> bool:
    return address == return_address(redirect_uri, state_id)


def return_address(redirect_uri: str, state_id: str) -> str:
    return f"{redirect_uri}?oauth_state_id={state_id}"


def _take_over(books: Books, session: Session, row: sqlite3.Row) -> None:
    if row["outcome"] != "approved":
        refusal = PlaidRefusal(books.setting("link_oauth_denied_error"), "the sign-in at the bank was not completed")
        refusal.display = "You did not finish at your bank. Nothing was shared."
        raise refusal
    session.username, session.signed_in = USERNAME, True
    session.details["approved"] = json.loads(row["masks"])
    frame_sessions.keep(books, session)


def shared(books: Books, session: Session) -> list[str | None] | None:
    """The masks that an update's Item shows already; None for a new Item."""
    if not session.updates:
        return None
    item = items.by_access_token(books, session.asked["access_token"])
    return [items.account_shown(row)["mask"] for row in items.bank_accounts(books, item["id"])]

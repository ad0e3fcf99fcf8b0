"""What Link's frame asks of the server: which banks, is this the password, which accounts, and the public token."""

import json
import sqlite3
import uuid
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import institutions, items, link_tokens, logins
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field


def start(books: Books, fields: Fields) -> Fields:
    """Begin a session. In update mode it is about the Item's own bank and no other."""
    asked = link_tokens.live(books, fields["link_token"])
    session_id = str(uuid.uuid4())
    books.insert("link_sessions", id=session_id, link_token=fields["link_token"], started_at=books.now())
    item = items.by_access_token(books, asked["access_token"]) if asked.get("access_token") else None
    return {
        "session_id": session_id,
        "client_name": asked["client_name"] if len(asked["client_name"]) <= 30 else "This Application",
        "institution": _institution(item["institution_id"]) if item else None,
    }


def institutions_found(books: Books, fields: Fields) -> Fields:
    _session(books, fields)
    found = institutions.named_like(str(fields.get("query") or ""))
    return {"institutions": [_institution(institution_id) for institution_id in found]}


def sign_in(books: Books, fields: Fields) -> Fields:
    session = _session(books, fields)
    institutions.check_known(fields["institution_id"])
    code_wanted = logins.check(str(fields["username"]), str(fields["password"]))
    books.write(
        "UPDATE link_sessions SET institution_id = ?, username = ?, code_wanted = ?, signed_in = ? WHERE id = ?",
        fields["institution_id"], fields["username"], int(code_wanted), int(not code_wanted), session["id"],
    )  # fmt: skip
    return {"next": "code"} if code_wanted else _accounts_to_choose(books, _session(books, fields))


def check_code(books: Books, fields: Fields) -> Fields:
    session = _session(books, fields)
    if not session["code_wanted"] or str(fields["code"]) != logins.CODE:
        raise PlaidRefusal("INVALID_MFA", "the provided code was not correct")
    books.write("UPDATE link_sessions SET signed_in = 1 WHERE id = ?", session["id"])
    return _accounts_to_choose(books, _session(books, fields))


def finish(books: Books, fields: Fields) -> Fields:
    """End a session with a public token and the account of it that the page's onSuccess gets."""
    session = _session(books, fields)
    if not session["signed_in"] or session["finished_at"]:
        raise invalid_field("the session is not waiting for accounts")
    asked = link_tokens.live(books, session["link_token"])
    item_id = _repaired(books, asked) if asked.get("access_token") else _created(books, session, asked, fields)
    public_token = items.new_public_token(books, item_id)
    metadata = _metadata(books, session, item_id)
    result = {"public_token": public_token, "accounts": metadata["accounts"], "institution": metadata["institution"]}
    books.write(
        "UPDATE link_sessions SET finished_at = ?, result = ? WHERE id = ?",
        books.now(),
        json.dumps(result),
        session["id"],
    )
    return {"public_token": public_token, "metadata": metadata}


def _session(books: Books, fields: Fields) -> sqlite3.Row:
    row = books.one("SELECT * FROM link_sessions WHERE id = ?", str(fields["session_id"]))
    if row is None:
        raise link_tokens.unknown()
    link_tokens.live(books, row["link_token"])
    return row


def _accounts_to_choose(books: Books, session: sqlite3.Row) -> Fields:
    asked = link_tokens.live(books, session["link_token"])
    if asked.get("access_token"):
        return {"next": "connected", "accounts": []}
    accounts = _linkable(session, asked)
    if not accounts:
        raise PlaidRefusal("NO_ACCOUNTS", "no accounts that can be linked were found")
    shown = [{"name": account.name, "mask": account.mask, "subtype": account.subtype} for account in accounts]
    return {"next": "accounts", "accounts": shown}


def _linkable(session: sqlite3.Row, asked: dict[str, Any]) -> list[logins.BankAccount]:
    products, filters = asked.get("products") or [], asked.get("account_filters") or {}
    return logins.accounts_of(session["username"], products=products, filters=filters)


def _created(books: Books, session: sqlite3.Row, asked: dict[str, Any], fields: Fields) -> str:
    chosen = fields.get("accounts") or []
    accounts = [account for account in _linkable(session, asked) if account.mask in chosen]
    if not accounts:
        raise invalid_field("at least one account must be chosen")
    return items.create(
        books, institution_id=session["institution_id"], products=asked["products"], webhook=asked.get("webhook"),
        accounts=accounts,
    )  # fmt: skip


def _repaired(books: Books, asked: dict[str, Any]) -> str:
    item = items.by_access_token(books, asked["access_token"])
    books.write("UPDATE items SET login_required = 0 WHERE id = ?", item["id"])
    return str(item["id"])


def _metadata(books: Books, session: sqlite3.Row, item_id: str) -> dict[str, Any]:
    accounts = [_account(items.account_shown(row)) for row in items.bank_accounts(books, item_id)]
    return {
        "institution": _institution(session["institution_id"]),
        "accounts": accounts,
        "account": accounts[0],
        "link_session_id": session["id"],
        "transfer_status": None,
    }


def _account(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": shown["account_id"],
        **{name: shown[name] for name in ("name", "mask", "type", "subtype")},
        "verification_status": None,
        "class_type": None,
    }


def _institution(institution_id: str) -> dict[str, Any]:
    return {"institution_id": institution_id, "name": institutions.name_of(institution_id)}

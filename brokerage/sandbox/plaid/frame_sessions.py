"""What a session of Link remembers between two panes, and which link tokens may begin one."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import link_tokens, webhooks

Details = dict[str, Any]


@dataclass
class Session:
    """`asked` is what the link token was made with; `details` is what only the panes need."""

    id: str
    link_token: str
    asked: dict[str, Any]
    institution_id: str | None = None
    username: str | None = None
    signed_in: bool = False
    finished: bool = False
    details: Details = field(default_factory=dict)

    @property
    def updates(self) -> bool:
        return bool(self.asked.get("access_token"))


def begin(books: Books, link_token: str) -> Session:
    """Raises PlaidRefusal for a token that is unknown, too old, used up, or spent on wrong passwords."""
    session = Session(str(uuid.uuid4()), link_token, _usable(books, link_token))
    books.insert("link_sessions", id=session.id, link_token=link_token, started_at=books.now())
    return session


def find(books: Books, session_id: Any) -> Session:
    """Raises PlaidRefusal."""
    row = books.one(
        """SELECT link_sessions.*, details FROM link_sessions
        LEFT JOIN link_steps ON link_steps.session_id = link_sessions.id WHERE id = ?""",
        str(session_id),
    )
    if row is None:
        raise link_tokens.unknown()
    return Session(
        row["id"], row["link_token"], _usable(books, row["link_token"], besides=row["id"]), row["institution_id"],
        row["username"], bool(row["signed_in"]), bool(row["finished_at"]), json.loads(row["details"] or "{}"),
    )  # fmt: skip


def keep(books: Books, session: Session) -> None:
    books.write(
        "UPDATE link_sessions SET institution_id = ?, username = ?, signed_in = ? WHERE id = ?",
        session.institution_id, session.username, int(session.signed_in), session.id,
    )  # fmt: skip
    books.write("INSERT OR REPLACE INTO link_steps VALUES (?, ?)", session.id, json.dumps(session.details))


def finish(books: Books, session: Session, result: Details) -> None:
    """Close a session. One of Hosted Link tells the application so; any other has told its page."""
    books.write(
        "UPDATE link_sessions SET finished_at = ?, result = ? WHERE id = ?",
        books.now(), json.dumps(result), session.id,
    )  # fmt: skip
    if session.asked.get("hosted_link") is not None:
        tokens = [result["public_token"]] if "public_token" in result else []
        webhooks.session_finished(
            books, session.asked.get("webhook"), session_id=session.id, link_token=session.link_token,
            public_tokens=tokens,
        )  # fmt: skip


def count_failure(books: Books, session: Session) -> None:
    session.details["failures"] = session.details.get("failures", 0) + 1
    keep(books, session)


def _usable(books: Books, link_token: str, *, besides: str = "") -> dict[str, Any]:
    asked = link_tokens.live(books, link_token)
    if books.setting("link_token_single_use") and _ended(books, link_token, besides):
        raise link_tokens.unknown()
    allowed = books.setting("link_failed_logins")
    if allowed is not None and _failures(books, link_token) >= int(allowed):
        raise link_tokens.unknown()
    return asked


def _ended(books: Books, link_token: str, besides: str) -> bool:
    sql = """SELECT 1 FROM link_sessions
        WHERE link_token = ? AND id != ? AND json_extract(result, '$.public_token') IS NOT NULL"""
    return books.one(sql, link_token, besides) is not None


def _failures(books: Books, link_token: str) -> int:
    sql = """SELECT SUM(json_extract(details, '$.failures')) FROM link_steps
        JOIN link_sessions ON link_sessions.id = session_id WHERE link_token = ?"""
    return books.number(sql, link_token)

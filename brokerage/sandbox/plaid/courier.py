"""Carries webhooks to where they go, from a thread of its own, on the sandbox's clock.

Plaid waits ten seconds for a 200; anything else and it comes again after 30 seconds, then after four times as long
each time, for a day. https://plaid.com/docs/api/webhooks/
"""

import http.client
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import signing
from brokerage.sandbox.plaid.webhooks import DELIVERED, FAILED, HELD, PENDING

PATIENCE = 10.0
FIRST_DELAY, FACTOR, DAY = 30.0, 4.0, 86_400.0
STALE = 3600


@dataclass(frozen=True)
class Letter:
    """One attempt: the message, the bytes that go out, and what vouches for them (or nothing at all)."""

    message: sqlite3.Row
    body: bytes
    signature: str | None
    mischief: str = ""

    @property
    def copies(self) -> int:
        return 2 if self.mischief == "duplicate" else 1


class Courier(threading.Thread):
    """Sleeps until a message is due, or until the books change; one letter at a time, so they arrive in order."""

    def __init__(self, books: Books) -> None:
        super().__init__(name="sandbox-courier", daemon=True)
        self.books = books

    def run(self) -> None:
        while not self.books.closed:
            try:
                self._round()
            except sqlite3.ProgrammingError:  # the books were closed under its hands
                if not self.books.closed:
                    raise

    def _round(self) -> None:
        edition = self.books.edition
        letter = next_letter(self.books)
        if letter is None:
            self.books.await_news(after=edition, seconds=_until_next(self.books))
            return
        answers = [post(letter) for _ in range(letter.copies)]
        with self.books.entry():
            record(self.books, letter, answers)


def next_letter(books: Books) -> Letter | None:
    """The message that is due first, signed and sealed, with whatever mischief is ordered."""
    with books.lock:
        if books.closed or not _due(books):
            return None
        with books.entry():
            return _take(books)


def _due(books: Books) -> sqlite3.Row | None:
    sql = "SELECT * FROM webhook_messages WHERE next_at <= ? ORDER BY next_at, seq LIMIT 1"
    return books.one(sql, books.now())


def _take(books: Books) -> Letter | None:
    while message := _due(books):
        mischief = _next_mischief(books)
        if mischief != "out_of_order":
            return _letter(books, message, mischief)
        books.write("UPDATE webhook_messages SET state = ?, next_at = NULL WHERE id = ?", HELD, message["id"])
        _note(books, message, None, mischief, "held back until the next has gone out")
    return None


def _next_mischief(books: Books) -> str:
    waiting = list(books.setting("webhook_mischief"))
    if not waiting:
        return ""
    books.set_setting("webhook_mischief", waiting[1:])
    return str(waiting[0])


def _letter(books: Books, message: sqlite3.Row, mischief: str) -> Letter:
    """Every attempt is signed anew, so that it is fresh."""
    key, body, iat = signing.present(books), message["payload"].encode(), _iat(books)
    if mischief in BAD_SIGNATURES:
        return Letter(message, body, BAD_SIGNATURES[mischief](key, body, iat), mischief)
    good = signing.signed(key, body, iat=iat)
    if mischief == "tampered_body":
        body = body.replace(b'"environment": "sandbox"', b'"environment": "sandb0x"')
    if mischief == "reformatted_body":
        body = body.replace(b"\n  ", b"\n    ")
    return Letter(message, body, good, mischief)


def _iat(books: Books) -> int:
    """A receiver looks at its own clock, which nobody has moved."""
    return int(books.now() if books.setting("webhook_iat") == "sandbox" else time.time())


BAD_SIGNATURES: dict[str, Callable[[sqlite3.Row, bytes, int], str | None]] = {
    "stale_iat": lambda key, body, iat: signing.signed(key, body, iat=iat - STALE),
    "future_iat": lambda key, body, iat: signing.signed(key, body, iat=iat + STALE),
    "wrong_alg": lambda key, body, iat: signing.wrong_alg(key, body, iat=iat),
    "unknown_kid": lambda key, body, iat: signing.signed(key, body, iat=iat, kid=str(uuid.uuid4())),
    "forged_signature": lambda key, body, iat: signing.forged(key, body, iat=iat),
    "no_signature": lambda key, body, iat: None,
}


def post(letter: Letter) -> int | str:
    """The status that a letter was answered with, or in words why it was not. Follows nobody elsewhere."""
    parts = urlsplit(letter.message["url"])
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    headers = {"Content-Type": "application/json", "User-Agent": "Plaid Webhooks (sandbox)"}
    if letter.signature is not None:
        headers["Plaid-Verification"] = letter.signature
    started = time.monotonic()
    try:
        with closing(kind(parts.hostname or "", parts.port, timeout=PATIENCE)) as connection:
            connection.request("POST", path, body=letter.body, headers=headers)
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as problem:
        return type(problem).__name__
    return status if time.monotonic() - started <= PATIENCE else "TimeoutError"


def record(books: Books, letter: Letter, answers: list[int | str]) -> None:
    """Note what became of an attempt, and when the next one is due; of two copies the first one counts."""
    message, answer = letter.message, answers[0]
    now, attempts = books.now(), message["attempts"] + 1
    for each in answers:
        _note(books, message, letter.signature, letter.mischief, str(each))
    delay = FIRST_DELAY * FACTOR ** (attempts - 1)
    over = now + delay - message["created_at"] > DAY
    state = DELIVERED if answer == 200 else FAILED if over else PENDING
    books.write(
        """UPDATE webhook_messages SET state = ?, attempts = ?, next_at = ?, last_status = ?, last_attempt_at = ?,
        trouble = ? WHERE id = ?""",
        state, attempts, now + delay if state == PENDING else None, answer if isinstance(answer, int) else None,
        now, answer if isinstance(answer, str) else None, message["id"],
    )  # fmt: skip
    books.write("UPDATE webhook_messages SET state = ?, next_at = ? WHERE state = ?", PENDING, now, HELD)


def _note(books: Books, message: sqlite3.Row, signature: str | None, mischief: str, answer: str) -> None:
    kid = signing.kid_of(signature) if signature else None
    books.insert(
        "webhook_attempts", message_id=message["id"], at=books.now(), kid=kid, mischief=mischief or None, answer=answer
    )


def _until_next(books: Books) -> float:
    with books.lock:
        if books.closed or books.clock.frozen_at is not None:
            return 60.0
        row = books.one("SELECT MIN(next_at) AS at FROM webhook_messages")
    return min(60.0, row["at"] - books.now()) if row and row["at"] is not None else 60.0

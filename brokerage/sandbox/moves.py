"""Carries out what is due, each move dated when it was due and not when somebody looked.

A thread does so as time passes, and every request does so first: a state that is read never lags the clock.
"""

import threading
from collections.abc import Callable

from brokerage.sandbox import plans, timers
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, relationships, transfers
from brokerage.sandbox.plaid import changes, verification

Move = Callable[..., None]

ADVANCE: dict[str, Move] = {
    "account": accounts.advance,
    "relationship": relationships.advance,
    "transfer": transfers.advance,
    "item": changes.end_sign_in,
    "bank_account": verification.expire,
    "deposits": verification.see,
    "plan": plans.advance,
}
RESTART: tuple[Callable[[Books], None], ...] = (
    accounts.restart_timers,
    relationships.restart_timers,
    transfers.restart_timers,
    changes.restart_timers,
    verification.restart_timers,
)


def catch_up(books: Books) -> None:
    """Make every move that is due by now."""
    if not _anything_due(books):
        return
    with books.entry():
        while row := books.one("SELECT * FROM timers WHERE due_at <= ? ORDER BY due_at, id LIMIT 1", books.now()):
            timers.stop(books, row["entity_id"])
            ADVANCE[row["kind"]](books, row["entity_id"], at=row["due_at"])


def _anything_due(books: Books) -> bool:
    due_at = timers.next_due(books)
    return due_at is not None and due_at <= books.now()


def change_profile(books: Books, profile: str) -> None:
    """Let everything that waits wait anew, at the new profile's pace."""
    books.set_setting("profile", profile)
    books.write("DELETE FROM timers")
    for restart in RESTART:
        restart(books)


class Mover(threading.Thread):
    """Sleeps until the next move is due, or until the books change."""

    def __init__(self, books: Books) -> None:
        super().__init__(name="sandbox-mover", daemon=True)
        self.books = books

    def run(self) -> None:
        while not self.books.closed:
            edition = self.books.edition
            with self.books.lock:
                if self.books.closed:
                    return
                catch_up(self.books)
                seconds = self._until_next()
            self.books.await_news(after=edition, seconds=seconds)

    def _until_next(self) -> float:
        due_at = timers.next_due(self.books)
        if due_at is None:
            return 60.0
        return min(60.0, self.books.clock.real_seconds(due_at - self.books.now()))

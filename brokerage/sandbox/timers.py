"""What is due, and when: one timer for each thing that will move on by itself.

Set by the rooms behind it when something enters a status; read by `moves`.
"""

from brokerage.sandbox import pace
from brokerage.sandbox.books import Books


def start(books: Books, kind: str, entity_id: str, status: str, *, at: float) -> None:
    """Time the next move of something that entered `status` at `at`, as the profile has it."""
    stop(books, entity_id)
    due_at = pace.due_at(books, kind, status, at=at)
    if due_at is not None:
        start_for(books, kind, entity_id, status, due_at=due_at)


def start_for(books: Books, kind: str, entity_id: str, status: str, *, due_at: float) -> None:
    stop(books, entity_id)
    books.insert("timers", due_at=due_at, kind=kind, entity_id=entity_id, status_from=status)


def stop(books: Books, entity_id: str) -> None:
    books.write("DELETE FROM timers WHERE entity_id = ?", entity_id)


def next_due(books: Books) -> float | None:
    row = books.one("SELECT MIN(due_at) AS due_at FROM timers")
    return row["due_at"] if row else None

"""How fast banks and brokers are: when something that entered a status will leave it by itself.

Asked by `timers`. Three profiles count seconds; in the realistic one ACH keeps banking days and their cut-off, as the
broker's documents say, or minutes on trading days, as its live sandbox has been seen to do (`ach_timing`).
"""

from datetime import time

from brokerage.sandbox import banking, market
from brokerage.sandbox.books import Books

# Seconds an entity waits in a status before it moves on by itself. A status that is missing here waits for a hand.
PROFILES: dict[str, dict[str, float]] = {
    "instant": {
        "account SUBMITTED": 0,
        "account SUBMISSION_FAILED": 0,
        "account APPROVED": 0,
        "account ACCOUNT_UPDATED": 0,
        "relationship QUEUED": 0,
        "relationship CANCEL_REQUESTED": 0,
        "transfer QUEUED": 0,
        "transfer SENT_TO_CLEARING": 0,
        "deposits SENT": 0,
    },
    "fast": {
        "account SUBMITTED": 1,
        "account SUBMISSION_FAILED": 2,
        "account APPROVED": 1,
        "account ACCOUNT_UPDATED": 3,
        "relationship QUEUED": 2,
        "relationship CANCEL_REQUESTED": 1,
        "transfer QUEUED": 4,
        "transfer SENT_TO_CLEARING": 6,
        "deposits SENT": 20,
    },
    "realistic": {
        "account SUBMITTED": 30,
        "account SUBMISSION_FAILED": 600,
        "account APPROVED": 5,
        "account ACCOUNT_UPDATED": 3600,
        "relationship QUEUED": 60,
        "relationship CANCEL_REQUESTED": 30,
        "transfer QUEUED": 300,
        "transfer SENT_TO_CLEARING": 1500,
        "deposits SENT": 86_400,  # to the next banking day
    },
    "manual": {},
}


def due_at(books: Books, kind: str, status: str, *, at: float) -> float | None:
    """When something that entered `status` at `at` moves on, or None when it waits for a hand."""
    profile = books.setting("profile")
    seconds = PROFILES[profile].get(f"{kind} {status}")
    if seconds is None:
        return None
    if profile == "realistic" and kind == "transfer":
        return _transfer_due_at(books, status, seconds, at=at)
    if profile == "realistic" and kind == "deposits":
        return banking.settlement_of(at, days=1, hour=hour(books, "ach_settles_at"))
    return at + seconds


def _transfer_due_at(books: Books, status: str, seconds: float, *, at: float) -> float:
    if books.setting("ach_timing") == "trading_minutes":
        return market.after_trading_day_seconds(at, seconds)
    if status == "QUEUED":
        return banking.batch_closing_after(at, hour(books, "cut_off"))
    days = int(books.setting("ach_settlement_days"))
    return banking.settlement_of(at, days=days, hour=hour(books, "ach_settles_at"))


def hour(books: Books, name: str) -> time:
    """A setting that is a time of day in New York."""
    return time.fromisoformat(books.setting(name))

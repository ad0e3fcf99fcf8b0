"""How many more requests the broker takes from us before its window ends, as its last answer said.

Noted by broker_client with every answer, for all threads of this process; read by operations that leave the site its
share. The broker counts the requests of all our processes together.
https://docs.alpaca.markets/us/docs/broker-api-rate-limits
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from brokerage import metrics


@dataclass(frozen=True)
class Budget:
    """One window: how many requests it has, how many are left, and when, by our clock, the next one begins."""

    limit: int
    remaining: int
    resets_at: datetime

    @property
    def percent_left(self) -> int:
        return 100 * self.remaining // self.limit


class _LastSeen:
    """What was told last, and of whose requests. It is replaced whole, so threads need no lock."""

    told: tuple[tuple[str, str], Budget] | None = None


def note(headers: Mapping[str, str], *, ahead: timedelta = timedelta()) -> None:
    """Keep what an answer of the broker's tells, whose clock is so far `ahead`; one that tells nothing is no news."""
    try:
        limit, remaining = int(headers["X-RateLimit-Limit"]), int(headers["X-RateLimit-Remaining"])
        resets_at = datetime.fromtimestamp(int(headers["X-RateLimit-Reset"]), UTC) - ahead
    except (KeyError, ValueError, OverflowError, OSError):
        return
    if limit > 0:
        _LastSeen.told = _whose(), Budget(limit, remaining, resets_at)
        metrics.budget_told("broker", limit=limit, left=remaining)


def current() -> Budget | None:
    """Return the budget of the window that runs now; None where nothing has been told of it."""
    if _LastSeen.told is None:
        return None
    whose, budget = _LastSeen.told
    return budget if whose == _whose() and budget.resets_at > timezone.now() else None


def _whose() -> tuple[str, str]:
    return settings.BROKER_BASE_URL, settings.BROKER_API_KEY

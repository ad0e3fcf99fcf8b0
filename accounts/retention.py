"""What a rule of retention is. The rules stand in operations.retention_rules, and the other app's with its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

Ids = Sequence[Any]

NO_ADDRESS = "0.0.0.0"  # noqa: S104 - says "none", as where we know none


@dataclass(frozen=True)
class Rule:
    """One rule: `rows(now)` are due, `forget(ids, by, now)` empties them; `person` leads from a row to whose it is.

    What was over before `cutoff(now)` is due. A rule without `person` is about rows that are nobody's record.
    """

    name: str
    label: str
    cutoff: Callable[[datetime], datetime]
    rows: Callable[[datetime], QuerySet[Any]]
    forget: Callable[[Ids, str, datetime], None]
    person: str = "user"


def years_before(now: datetime, years: int) -> datetime:
    """Return the moment so many years ago; each counts as a leap year, so that nothing goes too early."""
    return now - timedelta(days=366 * years)

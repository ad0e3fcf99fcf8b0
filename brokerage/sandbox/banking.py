"""Banking days in New York: weekends, the Federal Reserve's holidays, and the hour by which a day's batch is closed.

Read by `pace`, and by `market` for what the two calendars have in common. Knows no clock: moments are passed in.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from brokerage.sandbox.clock import NEW_YORK

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
DAY = timedelta(days=1)


def is_banking_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def banking_day_from(day: date) -> date:
    """That day if banks are open on it, or the next on which they are."""
    while not is_banking_day(day):
        day += DAY
    return day


def banking_days_later(day: date, count: int) -> date:
    for _ in range(count):
        day = banking_day_from(day + DAY)
    return day


def batch_closing_after(moment: float, cut_off: time) -> float:
    """When the batch closes that something handed in at `moment` still reaches."""
    there = datetime.fromtimestamp(moment, NEW_YORK)
    day = there.date() if there.time() < cut_off else there.date() + DAY
    return moment_of(banking_day_from(day), cut_off)


def settlement_of(batch_at: float, *, days: int, hour: time) -> float:
    """When a batch settles: some banking days after it closed, at that hour."""
    closed_on = datetime.fromtimestamp(batch_at, NEW_YORK).date()
    return moment_of(banking_days_later(closed_on, days), hour)


def moment_of(day: date, hour: time) -> float:
    return datetime.combine(day, hour, NEW_YORK).timestamp()


@lru_cache
def holidays(year: int) -> frozenset[date]:
    """The Federal Reserve's: one that falls on a Sunday is kept on Monday, one that falls on a Saturday is not kept."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    moving = [
        nth(year, 1, MONDAY, 3),
        nth(year, 2, MONDAY, 3),
        last_monday_of_may(year),
        nth(year, 9, MONDAY, 1),
        nth(year, 10, MONDAY, 2),
        nth(year, 11, THURSDAY, 4),
    ]
    return frozenset([*moving, *(day + DAY if day.weekday() == SUNDAY else day for day in fixed)])


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """The first, second... such weekday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def last_monday_of_may(year: int) -> date:
    return nth(year, 6, MONDAY, 1) - timedelta(days=7)

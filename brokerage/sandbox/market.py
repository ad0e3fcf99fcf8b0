"""The stock exchange's days and hours in New York: other than the banks', it keeps Good Friday and no Veterans Day.

Read by `pace` and by the Broker API's clock and calendar. Knows no clock: moments are passed in.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from brokerage.sandbox.banking import DAY, MONDAY, SATURDAY, SUNDAY, THURSDAY, is_banking_day, last_monday_of_may, nth
from brokerage.sandbox.clock import NEW_YORK

OPENS, CLOSES, CLOSES_EARLY = time(9, 30), time(16), time(13)
# Shut by decree, on days of mourning.
DECREED = frozenset({date(2018, 12, 5), date(2025, 1, 9)})


@dataclass(frozen=True)
class Session:
    """One trading day: when it opens and closes in New York, and the day on which its trades settle."""

    day: date
    opens_at: datetime
    closes_at: datetime
    settles_on: date


def is_trading_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in holidays(day.year) and day not in DECREED


def sessions(start: date, end: date) -> list[Session]:
    """The trading days from `start` to `end`, both included."""
    days = (start + timedelta(days=ahead) for ahead in range((end - start).days + 1))
    return [session(day) for day in days if is_trading_day(day)]


def session(day: date) -> Session:
    """The hours of a trading day."""
    closes = CLOSES_EARLY if _closes_early(day) else CLOSES
    return Session(
        day, datetime.combine(day, OPENS, NEW_YORK), datetime.combine(day, closes, NEW_YORK), _settlement_of(day)
    )


def is_open(moment: float) -> bool:
    there = datetime.fromtimestamp(moment, NEW_YORK)
    if not is_trading_day(there.date()):
        return False
    today = session(there.date())
    return today.opens_at <= there < today.closes_at


def next_open(moment: float) -> datetime:
    return next(each.opens_at for each in _sessions_from(moment) if each.opens_at.timestamp() > moment)


def next_close(moment: float) -> datetime:
    return next(each.closes_at for each in _sessions_from(moment) if each.closes_at.timestamp() > moment)


def after_trading_day_seconds(moment: float, seconds: float) -> float:
    """The time when `seconds` have passed on trading days, from midnight to midnight; other days do not count."""
    while True:
        there = datetime.fromtimestamp(moment, NEW_YORK)
        midnight = datetime.combine(there.date() + DAY, time(), NEW_YORK).timestamp()
        if is_trading_day(there.date()):
            if moment + seconds <= midnight:
                return moment + seconds
            seconds -= midnight - moment
        moment = midnight


@lru_cache
def holidays(year: int) -> frozenset[date]:
    """The exchange's: kept on Friday or Monday when they fall on a weekend, but no year ends with a day off."""
    fixed = [date(year, 7, 4), date(year, 12, 25), *([date(year, 6, 19)] if year >= 2022 else [])]
    moving = [
        nth(year, 1, MONDAY, 3),
        nth(year, 2, MONDAY, 3),
        _easter(year) - timedelta(days=2),
        last_monday_of_may(year),
        nth(year, 9, MONDAY, 1),
        nth(year, 11, THURSDAY, 4),
    ]
    new_year = date(year, 1, 1)
    kept_new_year = [] if new_year.weekday() == SATURDAY else [_observed(new_year)]
    return frozenset([*moving, *map(_observed, fixed), *kept_new_year])


def _observed(day: date) -> date:
    return day + {SATURDAY: -DAY, SUNDAY: DAY}.get(day.weekday(), timedelta())


def _closes_early(day: date) -> bool:
    """The day after Thanksgiving, and the eves of Independence Day and Christmas when those are on a weekday."""
    eves = (date(day.year, 7, 3), date(day.year, 12, 24))
    return day == nth(day.year, 11, THURSDAY, 4) + DAY or (day in eves and (day + DAY).weekday() < SATURDAY)


def _settlement_of(day: date) -> date:
    """The next day on which both the exchange and the banks are open."""
    day += DAY
    while not (is_trading_day(day) and is_banking_day(day)):
        day += DAY
    return day


def _sessions_from(moment: float) -> list[Session]:
    today = datetime.fromtimestamp(moment, NEW_YORK).date()
    return sessions(today, today + timedelta(days=10))


def _easter(year: int) -> date:
    """Easter Sunday by the Gregorian reckoning (the anonymous algorithm of 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    m = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)

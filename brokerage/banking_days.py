"""Banking days: when ACH moves. Weekdays that are no Federal Reserve holiday, in New York, with a daily cut-off.

https://www.frbservices.org/about/holiday-schedules: a holiday on a Sunday is kept on Monday, one on a Saturday is not
moved, so that banks are open on the Friday before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

NEW_YORK = ZoneInfo("America/New_York")
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """Return the n-th `weekday` of a month; n = -1 is the last one."""
    if n < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


@lru_cache(maxsize=16)
def holidays(year: int) -> dict[date, str]:
    """Return the Federal Reserve's holidays of a year, on the day they are kept."""
    fixed = {
        date(year, 1, 1): "New Year’s Day",
        date(year, 6, 19): "Juneteenth",
        date(year, 7, 4): "Independence Day",
        date(year, 11, 11): "Veterans Day",
        date(year, 12, 25): "Christmas Day",
    }
    kept = {day + timedelta(days=day.weekday() == SUNDAY): name for day, name in fixed.items()}
    return kept | {
        _nth(year, 1, MONDAY, 3): "Martin Luther King Jr. Day",
        _nth(year, 2, MONDAY, 3): "Washington’s Birthday",
        _nth(year, 5, MONDAY, -1): "Memorial Day",
        _nth(year, 9, MONDAY, 1): "Labor Day",
        _nth(year, 10, MONDAY, 2): "Columbus Day",
        _nth(year, 11, THURSDAY, 4): "Thanksgiving",
    }


def is_banking_day(day: date) -> bool:
    """Say whether banks settle on this day."""
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def add(day: date, banking_days: int) -> date:
    """Return the day that lies `banking_days` after `day`; 0 gives `day` itself, or the next banking day."""
    while not is_banking_day(day):
        day += timedelta(days=1)
    for _ in range(banking_days):
        day += timedelta(days=1)
        while not is_banking_day(day):
            day += timedelta(days=1)
    return day


def today(at: datetime) -> date:
    """Return New York's date at the moment `at` (aware)."""
    return at.astimezone(NEW_YORK).date()


def cut_off(day: date) -> datetime:
    """Return the moment after which a transfer leaves a banking day later."""
    return datetime.combine(day, time.fromisoformat(settings.ACH_CUT_OFF), tzinfo=NEW_YORK)


def leaves_on(at: datetime) -> date:
    """Return the banking day with whose batch a transfer asked for at `at` leaves."""
    day = today(at)
    return add(day, 1) if is_banking_day(day) and at >= cut_off(day) else add(day, 0)


def arrives_on(at: datetime) -> date:
    """Return the day by which a transfer asked for at `at` has settled."""
    return add(leaves_on(at), settings.ACH_ARRIVAL_BANKING_DAYS)


def withdrawable_on(settled_on: date) -> date:
    """Return the day from which a deposit that settled on `settled_on` may leave again."""
    return add(settled_on, settings.WITHDRAWAL_HOLD_BANKING_DAYS)


@dataclass(frozen=True)
class ReturnWindow:
    """Until when settled money may come back: the last day for the bank itself, and for its customer's claim."""

    bank: date
    customer: date


def return_window(settled_on: date) -> ReturnWindow:
    """Return the last days on which a transfer that settled on `settled_on` may come back.

    A bank has until the second banking day after settlement, a customer 60 calendar days to call a debit unauthorized.
    https://www.nacha.org/rules, Subsections 3.8 and 3.12
    """
    return ReturnWindow(bank=add(add(settled_on, 0), 2), customer=settled_on + timedelta(days=60))


def day_begins(day: date) -> datetime:
    """Return New York's midnight at the beginning of `day`."""
    return datetime.combine(day, time(), tzinfo=NEW_YORK)


def closed_days(first: date, last: date) -> Iterator[tuple[date, str]]:
    """Yield the holidays between two days, which is why a transfer takes longer."""
    day = first
    while day <= last:
        if name := holidays(day.year).get(day):
            yield day, name
        day += timedelta(days=1)

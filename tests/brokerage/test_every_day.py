"""Every day from 2024 to 2035, around its midnights, its cut-off and the changes of clocks, against a printed calendar.

The holidays and the days on which New York changes its clocks stand here as dates, as their authorities print them, so
that nothing is reckoned twice in the same way.
https://www.frbservices.org/about/holiday-schedules, https://www.nist.gov/pml/time-and-frequency-division
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from pytest_django import Settings

from brokerage import banking_days

CLOSED = {
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25",
    2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-23 12-25",
    2029: "01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25",
    2030: "01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2031: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2032: "01-01 01-19 02-16 05-31 07-05 09-06 10-11 11-11 11-25",
    2033: "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
    2034: "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-23 12-25",
    2035: "01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25",
    2036: "01-01 01-21 02-18",  # what is asked for at the end of 2035 arrives here
}
SUMMER_TIME = {
    2024: ("03-10", "11-03"),
    2025: ("03-09", "11-02"),
    2026: ("03-08", "11-01"),
    2027: ("03-14", "11-07"),
    2028: ("03-12", "11-05"),
    2029: ("03-11", "11-04"),
    2030: ("03-10", "11-03"),
    2031: ("03-09", "11-02"),
    2032: ("03-14", "11-07"),
    2033: ("03-13", "11-06"),
    2034: ("03-12", "11-05"),
    2035: ("03-11", "11-04"),
    2036: ("03-09", "11-02"),
}
LEAP_DAYS = {date(2024, 2, 29), date(2028, 2, 29), date(2032, 2, 29)}

FIRST, LAST = date(2024, 1, 1), date(2035, 12, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
SHUT = {date.fromisoformat(f"{year}-{day}") for year, days in CLOSED.items() for day in days.split()}
OPEN = [
    day for day in [*DAYS, *(LAST + timedelta(days=n) for n in range(1, 60))] if day.weekday() < 5 and day not in SHUT
]
TICK = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def as_shipped(settings: Settings) -> None:
    """Fix what a developer may have set otherwise."""
    settings.ACH_CUT_OFF, settings.ACH_ARRIVAL_BANKING_DAYS = "14:00", 3
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 5


def in_summer_time(day: date, *, at_midnight: bool) -> bool:
    """Say whether New York is four hours behind UTC: clocks change at two in the morning."""
    begins, ends = (date.fromisoformat(f"{day.year}-{change}") for change in SUMMER_TIME[day.year])
    return begins < day <= ends if at_midnight else begins <= day < ends


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(4 if in_summer_time(day, at_midnight=True) else 5), tzinfo=UTC)


def two_o_clock(day: date) -> datetime:
    """Return two in the afternoon, when the last batch leaves."""
    return datetime.combine(day, time(18 if in_summer_time(day, at_midnight=False) else 19), tzinfo=UTC)


def open_day(day: date, *, after: int = 0) -> date:
    """Return the banking day on or next after `day`, or so many banking days after that one."""
    return OPEN[bisect_left(OPEN, day) + after]


def moments(day: date) -> Iterator[tuple[datetime, bool]]:
    """Yield moments of one day in New York, in their order, and whether its last batch has left."""
    begins, leaves, ends = midnight(day), two_o_clock(day), midnight(day + timedelta(days=1))
    hours = [begins + timedelta(hours=number, minutes=30) for number in (0, 1, 2, 8, 20, 24)]
    near = [leaves + apart for apart in (-timedelta(minutes=1), -TICK, timedelta(), TICK, timedelta(minutes=1))]
    for at in sorted({begins, begins + TICK, *near, *hours, ends - timedelta(minutes=1), ends - TICK}):
        if at < ends:
            yield at, at >= leaves


def leaves(day: date, *, batch_has_left: bool) -> date:
    return open_day(day, after=1) if day == open_day(day) and batch_has_left else open_day(day)


EVERY_MOMENT = [(day, at, gone) for day in DAYS for at, gone in moments(day)]


def wrong(holds: Callable[[date, datetime, bool], bool]) -> list[str]:
    """Return the first few moments for which something does not hold."""
    return [f"{day} ({at})" for day, at, gone in EVERY_MOMENT if not holds(day, at, gone)][:10]


def test_there_are_4383_days_and_more_than_fifty_thousand_moments() -> None:
    assert len(DAYS) == 4383
    assert set(DAYS) > LEAP_DAYS
    assert len(EVERY_MOMENT) > 50_000


def test_banks_are_open_on_the_printed_days_only() -> None:
    assert [day for day in DAYS if banking_days.is_banking_day(day)] == [day for day in OPEN if day <= LAST]


def test_the_date_is_new_yorks() -> None:
    assert wrong(lambda day, at, gone: banking_days.today(at) == day) == []


def test_a_transfer_leaves_with_the_batch_of_the_printed_calendar() -> None:
    assert wrong(lambda day, at, gone: banking_days.leaves_on(at) == leaves(day, batch_has_left=gone)) == []


def test_a_transfer_arrives_three_banking_days_after_it_leaves() -> None:
    def holds(day: date, at: datetime, gone: bool) -> bool:
        return banking_days.arrives_on(at) == open_day(leaves(day, batch_has_left=gone), after=3)

    assert wrong(holds) == []


def test_a_transfer_never_leaves_before_it_was_asked_for() -> None:
    assert wrong(lambda day, at, gone: day <= banking_days.leaves_on(at) < banking_days.arrives_on(at)) == []


def test_who_asks_later_leaves_and_arrives_no_earlier() -> None:
    asked = [at for _, at, _ in EVERY_MOMENT]
    left, arrived = [list(map(rule, asked)) for rule in (banking_days.leaves_on, banking_days.arrives_on)]

    assert asked == sorted(asked)
    assert left == sorted(left)
    assert arrived == sorted(arrived)


def test_what_settled_may_leave_again_five_banking_days_later() -> None:
    found = [banking_days.withdrawable_on(day) for day in DAYS]

    assert found == [open_day(day, after=5) for day in DAYS]


def test_a_bank_has_two_banking_days_to_send_it_back_and_its_customer_sixty_days() -> None:
    windows = [banking_days.return_window(day) for day in DAYS]

    assert [window.bank for window in windows] == [open_day(day, after=2) for day in DAYS]
    assert [window.customer.toordinal() for window in windows] == [day.toordinal() + 60 for day in DAYS]


def test_the_cut_off_is_two_o_clock_in_new_york() -> None:
    assert [banking_days.cut_off(day).astimezone(UTC) for day in DAYS] == [two_o_clock(day) for day in DAYS]


def test_a_minute_decides_at_the_cut_off_of_an_open_day_only() -> None:
    minute = timedelta(minutes=1)
    decided = [
        day
        for day in DAYS
        if banking_days.leaves_on(two_o_clock(day) - minute) != banking_days.leaves_on(two_o_clock(day))
    ]

    assert decided == [day for day in OPEN if day <= LAST]


def test_a_day_begins_at_new_yorks_midnight() -> None:
    assert [banking_days.day_begins(day).astimezone(UTC) for day in DAYS] == [midnight(day) for day in DAYS]


def test_days_are_an_hour_shorter_and_longer_where_clocks_change() -> None:
    begins = [banking_days.day_begins(day).astimezone(UTC) for day in [*DAYS, LAST + timedelta(days=1)]]
    odd = {
        f"{day:%Y-%m-%d}": (after - before) // timedelta(hours=1)
        for day, (before, after) in zip(DAYS, pairwise(begins), strict=True)
        if after - before != timedelta(hours=24)
    }

    changes = [(year, change) for year, change in SUMMER_TIME.items() if year <= LAST.year]
    assert odd == {f"{year}-{day}": hours for year, days in changes for day, hours in zip(days, (23, 25), strict=True)}


def test_the_holidays_between_two_days_are_the_printed_ones() -> None:
    named = [day for day, _ in banking_days.closed_days(FIRST, LAST)]
    alone = [day for day in DAYS if list(banking_days.closed_days(day, day))]

    assert named == alone
    assert [day for day in named if day.weekday() < 5] == sorted(day for day in SHUT if day <= LAST)


@pytest.mark.parametrize(
    ("asked", "leaving", "arriving"),
    [
        ("2024-02-28T14:00-05:00", "2024-02-29", "2024-03-05"),  # a leap day is a day
        ("2032-02-27T14:00-05:00", "2032-03-01", "2032-03-04"),  # and one on a Sunday is none
        ("2027-12-31T13:59-05:00", "2027-12-31", "2028-01-05"),  # New Year’s Day is a Saturday: no day is lost
        ("2028-01-01T12:00-05:00", "2028-01-03", "2028-01-06"),
        ("2033-12-23T14:00-05:00", "2033-12-27", "2033-12-30"),  # Christmas Day is a Sunday, kept on Monday
        ("2033-12-30T14:00-05:00", "2034-01-03", "2034-01-06"),  # New Year’s Day is one, too
        ("2027-06-18T13:59-04:00", "2027-06-18", "2027-06-23"),  # Juneteenth is a Saturday
        ("2032-07-02T14:00-04:00", "2032-07-06", "2032-07-09"),  # the Fourth is a Sunday
        ("2026-12-31T23:59-05:00", "2027-01-04", "2027-01-07"),
    ],
)
def test_what_people_ask_about_the_end_of_a_year(asked: str, leaving: str, arriving: str) -> None:
    at = datetime.fromisoformat(asked)

    assert (banking_days.leaves_on(at).isoformat(), banking_days.arrives_on(at).isoformat()) == (leaving, arriving)

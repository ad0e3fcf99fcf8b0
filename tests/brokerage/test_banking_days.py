"""When ACH moves: weekdays, holidays, the cut-off, and New York's clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from brokerage import banking_days

NEW_YORK = ZoneInfo("America/New_York")
DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2060, 12, 31), timezones=st.just(UTC))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


# https://www.frbservices.org/about/holiday-schedules
CLOSED = {
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25",
}


@pytest.mark.parametrize("day", [f"{year}-{day}" for year, days in CLOSED.items() for day in days.split()])
def test_banks_are_closed_on_the_feds_holidays(day: str) -> None:
    assert not banking_days.is_banking_day(date.fromisoformat(day))


@pytest.mark.parametrize("year", CLOSED)
def test_banks_are_closed_on_no_other_weekday(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    closed = [day for day in days if day.weekday() < 5 and not banking_days.is_banking_day(day)]

    assert [f"{day:%m-%d}" for day in closed] == CLOSED[year].split()


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-07-03", "the Fourth is a Saturday and is not moved"),
        ("2027-06-18", "Juneteenth is a Saturday"),
        ("2027-12-24", "Christmas Day is a Saturday"),
        ("2027-12-31", "New Year's Day 2028 is a Saturday"),
        ("2022-01-03", "New Year's Day 2022 was a Saturday"),
        ("2026-04-03", "Good Friday is the exchange's holiday only"),
        ("2026-11-27", "the day after Thanksgiving"),
        ("2024-02-29", "a leap day"),
    ],
)
def test_banks_are_open(day: str, why: str) -> None:
    assert banking_days.is_banking_day(date.fromisoformat(day)), why


@pytest.mark.parametrize("day", ["2023-01-02", "2027-07-05", "2022-06-20", "2022-12-26", "2029-11-12"])
def test_a_holiday_on_a_sunday_is_kept_on_monday(day: str) -> None:
    monday = date.fromisoformat(day)

    assert monday in banking_days.holidays(monday.year)
    assert not banking_days.is_banking_day(monday)


@pytest.mark.parametrize(
    ("at", "leaves"),
    [
        ("2026-11-23T13:59:59", "2026-11-23"),
        ("2026-11-23T14:00:00", "2026-11-24"),
        ("2026-11-23T00:00:00", "2026-11-23"),
        ("2026-11-23T23:59:59", "2026-11-24"),
        ("2026-11-20T14:00:00", "2026-11-23"),
        ("2026-11-21T10:00:00", "2026-11-23"),
        ("2026-11-22T20:00:00", "2026-11-23"),
        ("2026-11-25T14:00:00", "2026-11-27"),
        ("2026-11-26T09:00:00", "2026-11-27"),
        ("2026-12-31T14:00:00", "2027-01-04"),
        ("2022-12-30T13:59:59", "2022-12-30"),
        ("2022-12-30T14:00:00", "2023-01-03"),
        ("2026-03-06T14:00:00", "2026-03-09"),
        ("2026-10-30T13:59:59", "2026-10-30"),
    ],
)
def test_a_transfer_leaves_with_the_next_batch(at: str, leaves: str) -> None:
    assert banking_days.leaves_on(moment(at)) == date.fromisoformat(leaves)


@pytest.mark.parametrize(
    ("utc", "leaves"),
    [
        ("2026-03-06T18:59:59", "2026-03-06"),  # 13:59:59 EST, the Friday before the clocks change
        ("2026-03-06T19:00:00", "2026-03-09"),
        ("2026-03-09T17:59:59", "2026-03-09"),  # 13:59:59 EDT, the Monday after
        ("2026-03-09T18:00:00", "2026-03-10"),
        ("2026-10-30T18:00:00", "2026-11-02"),  # 14:00 EDT
        ("2026-11-02T18:59:59", "2026-11-02"),  # 13:59:59 EST
        ("2026-11-02T19:00:00", "2026-11-03"),
        ("2026-11-24T04:59:59", "2026-11-24"),  # 23:59:59 on Monday in New York
    ],
)
def test_the_cut_off_is_new_yorks_in_summer_and_winter(utc: str, leaves: str) -> None:
    assert banking_days.leaves_on(datetime.fromisoformat(utc).replace(tzinfo=UTC)) == date.fromisoformat(leaves)


def test_the_cut_off_is_a_setting(settings: Settings) -> None:
    settings.ACH_CUT_OFF = "16:30"

    assert banking_days.leaves_on(moment("2026-11-23T16:29:59")) == date(2026, 11, 23)
    assert banking_days.leaves_on(moment("2026-11-23T16:30:00")) == date(2026, 11, 24)


def test_thanksgiving_makes_a_deposit_arrive_later() -> None:
    assert banking_days.arrives_on(moment("2026-11-24T10:00:00")) == date(2026, 11, 30)
    closed = dict(banking_days.closed_days(date(2026, 11, 24), date(2026, 11, 30)))
    assert closed == {date(2026, 11, 26): "Thanksgiving"}


@pytest.mark.parametrize("edge", ["2026-03-08", "2026-11-01"])
def test_the_day_of_a_clock_change_begins_at_new_yorks_midnight(edge: str) -> None:
    day = date.fromisoformat(edge)
    length = banking_days.day_begins(day + timedelta(days=1)).astimezone(UTC) - banking_days.day_begins(day).astimezone(
        UTC
    )

    assert length == timedelta(hours=23 if edge == "2026-03-08" else 25)


@given(DAYS, st.integers(0, 30))
def test_counting_lands_on_banking_days(day: date, count: int) -> None:
    landed = banking_days.add(day, count)

    assert banking_days.is_banking_day(landed)
    between = [day + timedelta(days=step) for step in range(1, (landed - day).days + 1)]
    passed = sum(banking_days.is_banking_day(each) for each in between)
    assert passed == count + (not banking_days.is_banking_day(day))


@given(MOMENTS)
def test_nothing_leaves_or_arrives_on_a_day_the_banks_are_closed(at: datetime) -> None:
    leaves, arrives = banking_days.leaves_on(at), banking_days.arrives_on(at)

    assert banking_days.is_banking_day(leaves)
    assert banking_days.is_banking_day(arrives)
    assert banking_days.is_banking_day(banking_days.withdrawable_on(arrives))
    assert banking_days.today(at) <= leaves < arrives


@given(DAYS)
def test_there_are_eleven_holidays_a_year_and_never_two_on_a_day(day: date) -> None:
    assert len(banking_days.holidays(day.year)) == 11

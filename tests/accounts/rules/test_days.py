"""Days in a life, at the edges; midnight is whoever's passes `today` in."""

from collections.abc import Callable
from datetime import date

import pytest

from accounts.rules import NotTaken, days


@pytest.mark.parametrize(
    ("today", "born", "message"),
    [
        ("2026-11-22", "2008-11-22", None),
        ("2026-11-22", "2008-11-23", "18 or older"),
        ("2026-11-22", "1906-11-22", None),
        ("2026-11-22", "1905-11-23", None),
        ("2026-11-22", "1905-11-22", "too long ago"),
        ("2010-11-22", "1899-12-31", "too long ago"),
        ("2010-11-22", "1900-01-01", None),
        ("2026-11-22", "2026-11-22", "18 or older"),
        ("2026-11-22", "2026-11-23", "not come yet"),
        ("2026-02-28", "2008-02-29", "18 or older"),
        ("2026-03-01", "2008-02-29", None),
        ("2028-02-29", "2010-02-28", None),
        ("2028-02-29", "2010-03-01", "18 or older"),
        ("2028-02-28", "2010-03-01", "18 or older"),
    ],
)
def test_a_customer_is_an_adult_who_can_be_alive(today: str, born: str, message: str | None) -> None:
    assert refusal(days.birth, born, today) == message


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ("2026-11-22", None),
        ("2026-11-23", None),
        ("2076-11-21", None),
        ("2076-11-22", "no visa lasts"),
        ("2026-11-21", "has ended"),
    ],
)
def test_a_visa_still_stands(ends: str, message: str | None) -> None:
    assert refusal(days.visa_end, ends, "2026-11-22") == message


@pytest.mark.parametrize(
    ("leaves", "message"),
    [
        ("2026-11-22", None),
        ("2046-11-21", None),
        ("2046-11-22", "no visit lasts"),
        ("2026-11-21", "has passed"),
    ],
)
def test_a_visitor_leaves_one_day(leaves: str, message: str | None) -> None:
    assert refusal(days.departure, leaves, "2026-11-22") == message


MESSAGES = ("18 or older", "too long ago", "not come yet", "no visa lasts", "has ended", "no visit lasts", "has passed")


def refusal(rule: Callable[[date, date], str], day: str, today: str) -> str | None:
    """Return which message refuses the day, or None when it comes back as it is sent."""
    try:
        assert rule(date.fromisoformat(day), date.fromisoformat(today)) == day
    except NotTaken as not_taken:
        return next(each for each in MESSAGES if each in not_taken.message)
    return None

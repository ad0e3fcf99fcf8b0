"""The drawing of an amount over days: what it shows of many, of one, of none, and below zero."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from brokerage import chart

FIRST = date(2026, 1, 1)


def points(*amounts: str | int) -> list[chart.Point]:
    return [(FIRST + timedelta(days=n), Decimal(amount)) for n, amount in enumerate(amounts)]


def drawn(*amounts: str | int) -> chart.Chart:
    found = chart.draw(points(*amounts))
    assert found is not None
    return found


def places(path: str) -> list[tuple[int, int]]:
    """Return where a path goes; whole numbers, or nothing is found."""
    found = [(int(x), int(y)) for x, y in re.findall(r"(-?\d+) (-?\d+)(?= L|$| Z| h)", path)]
    assert "." not in path
    return found


def test_nothing_is_not_drawn() -> None:
    assert chart.draw([]) is None


def test_a_line_goes_from_edge_to_edge_and_from_top_to_bottom() -> None:
    found = drawn("1000.00", "1500.00", "500.00")

    assert places(found.plot) == [(0, 120), (500, 0), (1000, 240)]
    assert (found.highest, found.lowest, found.change) == (Decimal(1500), Decimal(500), Decimal(-500))
    assert found.labels == [Decimal(1500), Decimal(1000), Decimal(500)]


def test_one_point_stands_in_the_middle() -> None:
    found = drawn("250.00")

    assert places(found.dot) == [(500, 120)]
    assert found.area == ""
    assert found.labels == [Decimal("250.00")]


@pytest.mark.parametrize("amount", ["250.00", "0.00", "-3.00"])
def test_what_does_not_move_is_a_flat_line(amount: str) -> None:
    found = drawn(amount, amount, amount)

    assert places(found.plot) == [(0, 120), (500, 120), (1000, 120)]
    assert found.change == 0


def test_days_without_a_value_leave_room() -> None:
    found = chart.draw(
        [(FIRST, Decimal(1)), (FIRST + timedelta(days=9), Decimal(2)), (FIRST + timedelta(days=10), Decimal(3))]
    )

    assert found is not None
    assert [x for x, _ in places(found.plot)] == [0, 900, 1000]


@pytest.mark.parametrize(
    ("amounts", "floor"),
    [((100, -100), 120), ((300, -100), 180), ((-5, -10), 0), ((0, -10), 0), ((10, 5), 240), ((0, 0), 240)],
)
def test_the_base_is_at_zero_or_at_the_edge_nearer_to_it(amounts: tuple[int, ...], floor: int) -> None:
    found = drawn(*amounts)

    assert places(found.base) == [(0, floor), (1000, floor)]
    assert places(found.area)[0] == (0, floor)
    assert places(found.area)[-1] == (1000, floor)


def test_thousands_are_thinned_and_no_peak_is_lost() -> None:
    many = [str(1000 + n % 7) for n in range(3650)]
    many[1234], many[2345] = "9999.99", "-8888.88"

    found = drawn(*many)

    assert len(found.points) <= chart.MOST_POINTS
    assert (found.highest, found.lowest) == (Decimal("9999.99"), Decimal("-8888.88"))
    assert found.points == sorted(found.points)
    assert (found.first, found.last) == (points(*many)[0], points(*many)[-1])


@pytest.mark.parametrize("count", [1, 2, 119, 120, 121, 122, 200, 366])
def test_any_number_of_days_is_drawn(count: int) -> None:
    found = drawn(*range(count))

    assert len(found.points) == min(count, len(found.points)) <= chart.MOST_POINTS
    assert found.last[1] == count - 1
    assert len(set(found.points)) == len(found.points)
    assert all(0 <= x <= chart.WIDTH and 0 <= y <= chart.HEIGHT for x, y in places(found.plot))


def test_large_amounts_stay_within_the_drawing() -> None:
    found = drawn("0.01", "999999999999.99")

    assert places(found.plot) == [(0, 240), (1000, 0)]

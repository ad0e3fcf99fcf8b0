"""Rows of cash and transfers: one to one, as many pairs as can be, and what is left told by what it looks like."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brokerage import banking_days
from funding.operations import matching, unmatched
from funding.operations.equals import match
from funding.operations.matching import BOOKING, REVERSAL, Matches, Movement, Row
from tests.funding.standing import IN, OUT

MONDAY = date(2026, 3, 2)
FIFTY = Decimal("50.00")
DAYS = st.integers(0, 20).map(lambda days: MONDAY + timedelta(days=days))
AMOUNTS = st.sampled_from([FIFTY, Decimal("70.00")])
WAYS = st.sampled_from([IN, OUT])


def settled(pk: Any = 1, on: date = MONDAY, way: str = IN, amount: Decimal = FIFTY, **more: Any) -> Movement:
    return Movement(pk, way, amount, settled_on=on, accepted_on=on - timedelta(days=3), **more)


def booked(pk: Any = 1, on: date = MONDAY, amount: Decimal = FIFTY, kind: str = "CSD", *, void: bool = False) -> Row:
    return Row(pk, kind, amount, on, void=void)


def codes(movements: list[Movement], rows: list[Row]) -> list[str]:
    return [odd.code for odd in unmatched.explain(movements, match(movements, rows))]


def as_known(found: Matches) -> list[tuple[Any, str, Any]]:
    both = ((BOOKING, found.bookings), (REVERSAL, found.reversals))
    return [(transfer, role, row.pk) for role, matched in both for transfer, row in matched.items()]


# --- Any books --------------------------------------------------------------------------------------------------------


@st.composite
def whole_books(draw: st.DrawFn) -> tuple[list[Movement], list[Row]]:
    """Return transfers with the cash that was booked for each, up to a banking day off; returns in either form."""
    movements, rows = list[Movement](), list[Row]()
    for pk in range(draw(st.integers(0, 8))):
        movement = settled(pk, draw(DAYS), draw(WAYS), draw(AMOUNTS))
        kind = matching.KIND_OF[movement.direction]
        assert movement.settled_on
        on = banking_days.add(movement.settled_on, draw(st.integers(0, 1)))
        returned, in_place = draw(st.booleans()), draw(st.booleans())
        if returned:
            movement = replace(movement, returned_on=banking_days.add(on, draw(st.integers(0, 4))))
            assert movement.returned_on
        rows.append(Row(f"b{pk}", kind, movement.signed, on, void=returned and in_place))
        if returned and not in_place:
            assert movement.returned_on
            rows.append(Row(f"r{pk}", kind, -movement.signed, movement.returned_on))
        movements.append(movement)
    return draw(st.permutations(movements)), draw(st.permutations(rows))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(whole_books())
def test_whole_books_leave_nothing_over(books: tuple[list[Movement], list[Row]]) -> None:
    movements, rows = books

    found = match(movements, rows)

    assert found.left == []
    assert found.offsets == []
    assert list(unmatched.explain(movements, found)) == []
    assert set(found.bookings) == {movement.pk for movement in movements}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(whole_books(), st.data())
def test_books_that_agree_at_last_leave_nothing_over_however_they_came_to_it(
    books: tuple[list[Movement], list[Row]], data: st.DataObject
) -> None:
    """What was matched before the last news came need not be true: that a row is void, or a transfer came back."""
    movements, rows = books
    known = list[tuple[Any, str, Any]]()
    later = data.draw(st.lists(st.sampled_from([*movements, *rows, None]), unique=True))

    for news in range(len(later) + 1):
        still = later[news:]
        heard = [replace(each, returned_on=None) if each in still else each for each in movements]
        read = [replace(row, void=False) if row in still and row.void else row for row in rows]
        read = [row for row in read if row.pk[0] == "b" or row not in still]
        found = match(heard, read, known=known)
        known = as_known(found)

    assert list(unmatched.explain(movements, found)) == []
    assert (found.left, found.offsets) == ([], [])


@st.composite
def any_books(draw: st.DrawFn) -> tuple[list[Movement], list[Row]]:
    movements = [
        settled(pk, draw(DAYS), draw(WAYS), draw(AMOUNTS), returned_on=draw(st.none() | DAYS))
        for pk in range(draw(st.integers(0, 6)))
    ]
    signs, kinds = st.sampled_from([1, -1]), st.sampled_from(["CSD", "CSW"])
    rows = [
        Row(pk, draw(kinds), draw(signs) * draw(AMOUNTS), draw(DAYS), void=draw(st.booleans()))
        for pk in range(draw(st.integers(0, 8)))
    ]
    return movements, rows


@settings(max_examples=300, deadline=None, derandomize=True)
@given(any_books())
def test_each_row_is_used_once_and_none_is_lost(books: tuple[list[Movement], list[Row]]) -> None:
    movements, rows = books

    found = match(movements, rows)

    used = [row.pk for row in (*found.bookings.values(), *found.reversals.values(), *found.left)]
    used += [row.pk for pair in found.offsets for row in pair]
    assert sorted(used) == sorted(row.pk for row in rows)
    told = list(unmatched.explain(movements, found))
    assert {odd.row.pk for odd in told if odd.row} >= {row.pk for row in found.left if not row.void}
    told_rows = [odd.row.pk for odd in told if odd.row]
    assert len(told_rows) == len(set(told_rows))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(any_books(), st.randoms(use_true_random=False))
def test_what_was_matched_stays_matched(books: tuple[list[Movement], list[Row]], chance: Any) -> None:
    movements, rows = books
    found = match(movements, rows)
    known = as_known(found)
    chance.shuffle(movements)
    chance.shuffle(rows)

    again = match([*movements, settled("new", MONDAY + timedelta(days=4))], rows, known=known)

    assert as_known(again)[: len(known)] or not known
    assert {key: row for key, row in again.bookings.items() if key != "new"}.items() >= found.bookings.items()
    assert again.reversals.items() >= found.reversals.items()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(any_books())
def test_as_many_are_matched_as_can_be(books: tuple[list[Movement], list[Row]]) -> None:
    movements = [replace(movement, returned_on=None) for movement in books[0][:5]]
    rows = [replace(row, void=False) for row in books[1][:5]]

    assert len(match(movements, rows).bookings) == largest(movements, rows)


def largest(movements: list[Movement], rows: list[Row]) -> int:
    """Return how many pairs there can be, by trying all."""

    def fits(movement: Movement, row: Row) -> bool:
        kind = row.kind == matching.KIND_OF[movement.direction]
        assert movement.settled_on
        return kind and row.amount == movement.signed and matching.near(movement.settled_on, row.booked_on)

    padded: list[Row | None] = [*rows, *[None] * len(movements)]
    best = 0
    for chosen in set(itertools.permutations(padded, len(movements))):
        pairs = zip(movements, chosen, strict=True)
        best = max(best, sum(row is not None and fits(movement, row) for movement, row in pairs))
        if best == min(len(movements), len(rows)):
            break
    return best


# --- The window -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settled_on", "first", "last"),
    [
        (date(2026, 3, 4), date(2026, 2, 27), date(2026, 3, 9)),  # a Wednesday: over a weekend either way
        (date(2026, 3, 6), date(2026, 3, 3), date(2026, 3, 11)),  # before the clocks go forward
        (date(2026, 3, 7), date(2026, 3, 4), date(2026, 3, 12)),  # a Saturday counts as the Monday behind it
        (date(2025, 11, 26), date(2025, 11, 21), date(2025, 12, 2)),  # before Thanksgiving
        (date(2025, 12, 31), date(2025, 12, 26), date(2026, 1, 6)),  # over New Year; Christmas is not reached
        (date(2026, 10, 30), date(2026, 10, 27), date(2026, 11, 4)),  # before the clocks go back
    ],
    ids=str,
)
def test_a_row_fits_within_three_banking_days(settled_on: date, first: date, last: date) -> None:
    def fits(on: date) -> bool:
        return bool(match([settled(on=settled_on)], [booked(on=on)]).bookings)

    days = [settled_on + timedelta(days=off) for off in range(-14, 15)]
    assert [day for day in days if fits(day)] == [day for day in days if first <= day <= last]


# --- Returns, in both forms -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("which", [1, 2])
def test_of_two_equal_ones_of_a_day_one_was_returned(in_place: bool, which: int) -> None:
    movements = [settled(1), settled(2)]
    movements[which - 1] = replace(movements[which - 1], returned_on=MONDAY + timedelta(days=2))
    rows = [booked("a", void=in_place), booked("b")]
    rows += [] if in_place else [booked("c", MONDAY + timedelta(days=2), -FIFTY)]

    found = match(movements, rows)

    assert codes(movements, rows) == []
    assert found.left == []
    if in_place:
        assert found.bookings[which].void
    else:
        assert found.reversals[which].pk == "c"


def test_two_returns_of_a_day_in_both_forms_are_both_explained() -> None:
    movements = [
        settled(1, returned_on=MONDAY + timedelta(days=1)),
        settled(2, MONDAY + timedelta(days=4), returned_on=MONDAY + timedelta(days=2)),
    ]
    rows = [booked("a"), booked("b", MONDAY + timedelta(days=7), void=True), booked("c", MONDAY, -FIFTY)]

    assert codes(movements, rows) == []


def test_which_of_two_was_taken_back_by_its_own_row_shows_in_what_else_there_is() -> None:
    """The row of the one fits the return of the other, too, whose booking was made void and fits both."""
    both = [
        settled(1, MONDAY + timedelta(days=4), returned_on=MONDAY + timedelta(days=7)),
        settled(2, returned_on=MONDAY + timedelta(days=3)),
    ]
    rows = [booked("a", MONDAY + timedelta(days=7)), booked("b", MONDAY + timedelta(days=1), void=True)]
    rows.append(booked("c", MONDAY + timedelta(days=8), -FIFTY))

    for movements in (both, both[::-1]):
        found = match(movements, rows)
        assert ({pk: row.pk for pk, row in found.bookings.items()}, set(found.reversals)) == ({1: "a", 2: "b"}, {1})
        assert codes(movements, rows) == []


def test_a_return_whose_settling_nobody_heard_of_takes_what_was_booked_long_before() -> None:
    back = Movement(1, IN, FIFTY, None, returned_on=MONDAY + timedelta(days=30), accepted_on=MONDAY)
    rows = [booked("a", MONDAY + timedelta(days=2)), booked("b", MONDAY + timedelta(days=30), -FIFTY)]

    found = match([back], rows)

    assert (found.bookings[1].pk, found.reversals[1].pk) == ("a", "b")
    assert codes([back], rows) == []


def test_a_return_before_anything_was_booked_wants_no_cash() -> None:
    back = Movement(1, IN, FIFTY, None, returned_on=MONDAY + timedelta(days=1), accepted_on=MONDAY)

    assert codes([back], []) == []


def test_one_that_came_back_unsettled_takes_nothing_from_one_that_settled() -> None:
    back = Movement(1, IN, FIFTY, None, returned_on=MONDAY, accepted_on=MONDAY)

    found = match([back, settled(2)], [booked("a")])

    assert set(found.bookings) == {2}


def test_of_two_whose_settling_nobody_heard_of_the_one_that_was_taken_back_was_booked() -> None:
    never = Movement(1, IN, FIFTY, None, returned_on=MONDAY + timedelta(days=14), accepted_on=MONDAY)
    back = replace(never, pk=2, returned_on=MONDAY + timedelta(days=4))
    rows = [booked("a", MONDAY + timedelta(days=2)), booked("b", MONDAY + timedelta(days=4), -FIFTY)]

    for movements in ([never, back], [back, never]):
        found = match(movements, rows)
        assert (set(found.bookings), set(found.reversals), found.left) == ({2}, {2}, [])


def test_one_whose_settling_nobody_heard_of_was_booked_and_not_taken_back() -> None:
    back = Movement(1, IN, FIFTY, None, returned_on=MONDAY + timedelta(days=4), accepted_on=MONDAY)

    assert codes([back], [booked("a", MONDAY + timedelta(days=2))]) == ["RETURN_NOT_BOOKED"]


def test_two_rows_that_cancel_out_explain_each_other() -> None:
    found = match([], [booked("a"), booked("b", MONDAY + timedelta(days=1), -FIFTY), booked("c")])

    assert [(first.pk, second.pk) for first, second in found.offsets] == [("a", "b")]
    assert [row.pk for row in found.left] == ["c"]


def test_a_match_that_does_not_fit_any_more_is_given_up() -> None:
    found = match([settled(1)], [booked("a", amount=FIFTY + 1), booked("b")], known=[(1, BOOKING, "a")])

    assert found.bookings[1].pk == "b"


# --- What is left -----------------------------------------------------------------------------------------------------

LATER = MONDAY + timedelta(days=2)
MOVING = Movement(1, IN, FIFTY, None, moving_since=MONDAY)
CANCELED = Movement(1, IN, FIFTY, None, ended_unfunded=True)
RETURNED = settled(returned_on=LATER)

LEFT: dict[str, tuple[list[Movement], list[Row]]] = {
    "CASH_MISSING": ([settled()], []),
    "CASH_UNEXPLAINED": ([], [booked()]),
    "CASH_TWICE": ([settled()], [booked("a"), booked("b")]),
    "CASH_AMOUNT_DIFFERS": ([settled()], [booked(amount=FIFTY - 1)]),
    "CASH_WRONG_SIGN": ([settled()], [booked(amount=-FIFTY)]),
    "CASH_ANOTHER_DAY": ([settled()], [booked(on=MONDAY + timedelta(days=12))]),
    "CASH_BEFORE_SETTLED": ([MOVING], [booked()]),
    "CASH_FOR_ENDED": ([CANCELED], [booked()]),
    "RETURN_NOT_BOOKED": ([RETURNED], [booked()]),
    "RETURN_UNHEARD": ([settled()], [booked("a"), booked("b", LATER, -FIFTY)]),
}


@pytest.mark.parametrize("code", LEFT)
def test_what_is_left_is_told_by_its_code(code: str) -> None:
    movements, rows = LEFT[code]

    assert codes(movements, rows) == [code]


def test_a_booking_that_was_made_void_is_a_return_that_nobody_heard_of() -> None:
    assert codes([settled()], [booked(void=True)]) == ["RETURN_UNHEARD"]


def test_a_withdrawal_is_told_by_the_same_codes_with_the_sign_turned() -> None:
    out = settled(way=OUT)

    assert codes([out], [booked(amount=-FIFTY, kind="CSW")]) == []
    assert codes([out], [booked(amount=FIFTY, kind="CSW")]) == ["CASH_WRONG_SIGN"]
    assert codes([out], [booked(amount=-FIFTY, kind="CSD")]) == ["CASH_UNEXPLAINED", "CASH_MISSING"]


def test_a_row_that_was_taken_back_and_stands_for_nothing_is_no_news() -> None:
    assert codes([], [booked(void=True)]) == []


def test_a_return_booked_twice_is_told() -> None:
    rows = [booked("a"), booked("b", LATER, -FIFTY), booked("c", LATER, -FIFTY)]

    assert codes([RETURNED], rows) == ["CASH_TWICE"]


# --- Equals that were mistaken for each other -------------------------------------------------------------------------


def test_equals_are_told_apart_when_the_broker_takes_one_of_them_back() -> None:
    """Two alike were matched crosswise, which could not be seen until the row of the returned one became void."""
    stays, back = settled(1), settled(2, returned_on=MONDAY + timedelta(days=2))
    rows = [booked("a", void=True), booked("b")]

    found = match([stays, back], rows, known=[(1, BOOKING, "a"), (2, BOOKING, "b")])

    assert {pk: row.pk for pk, row in found.bookings.items()} == {1: "b", 2: "a"}
    assert list(unmatched.explain([stays, back], found)) == []


@pytest.mark.parametrize("missing", [False, True], ids=["whole", "beside one whose cash is missing"])
def test_equals_that_came_back_in_both_forms_are_told_apart_when_the_last_news_is_there(missing: bool) -> None:
    """Both were matched crosswise before the booking of the one was made void; the other was taken back by a row."""
    movements = [
        settled(1, MONDAY, returned_on=MONDAY + timedelta(days=7)),
        settled(2, MONDAY, returned_on=MONDAY),
    ]
    movements += [settled(3, MONDAY + timedelta(days=30))] if missing else []
    rows = [booked("a", MONDAY + timedelta(days=1), void=True), booked("b"), booked("c", amount=-FIFTY)]
    known = [(1, BOOKING, "b"), (2, BOOKING, "a"), (2, REVERSAL, "c")]

    found = match(movements, rows, known=known)

    assert ({pk: row.pk for pk, row in found.bookings.items()}, set(found.reversals)) == ({1: "a", 2: "b"}, {2})
    told = [odd.code for odd in unmatched.explain(movements, found)]
    assert told == (["CASH_MISSING"] if missing else [])


def test_what_a_person_matched_stays_where_no_rule_would_put_it() -> None:
    """Two of its equals are told apart; it is far from its row, and is none of them."""
    far = settled(3, MONDAY - timedelta(days=30))
    movements = [settled(1), settled(2, returned_on=MONDAY + timedelta(days=2)), far]
    rows = [booked("a", void=True), booked("b"), booked("c")]
    known = [(1, BOOKING, "a"), (2, BOOKING, "b"), (3, BOOKING, "c")]

    found = match(movements, rows, known=known)

    assert {pk: row.pk for pk, row in found.bookings.items()} == {1: "b", 2: "a", 3: "c"}


def test_a_row_that_becomes_void_without_a_return_stays_where_it_is() -> None:
    stays, other = settled(1), settled(2)

    found = match([stays, other], [booked("a", void=True), booked("b")], known=[(1, BOOKING, "a"), (2, BOOKING, "b")])

    assert {pk: row.pk for pk, row in found.bookings.items()} == {1: "a", 2: "b"}
    assert [odd.code for odd in unmatched.explain([stays, other], found)] == ["RETURN_UNHEARD"]

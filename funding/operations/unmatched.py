"""What is most likely wrong where a transfer has no row of cash, or a row of cash has no transfer.

Called by cash_books with what matching left; reads and writes nothing. Each row and each transfer is told of once, by
the code of a break.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from funding.operations.matching import KIND_OF, Matches, Movement, Row, near

# Within this, a row that fits in all else is the same one, booked on another day.
FAR = timedelta(days=45)


@dataclass(frozen=True)
class Odd:
    """One thing that does not fit: the code of a break, and the transfer and the row that it is about."""

    code: str
    movement: Movement | None
    row: Row | None


def explain(movements: list[Movement], found: Matches) -> Iterator[Odd]:
    """Yield what does not fit between the transfers of one account and its rows of cash."""
    missing = [movement for movement in movements if movement.settled_on and movement.pk not in found.bookings]
    for row in sorted((row for row in found.left if not row.void), key=lambda row: (row.booked_on, str(row.pk))):
        yield _of_row(row, missing, movements, found)
    yield from (Odd("CASH_MISSING", movement, None) for movement in missing)
    for movement in movements:
        yield from _of_return(movement, found)


def _of_row(row: Row, missing: list[Movement], movements: list[Movement], found: Matches) -> Odd:
    """Say of one row what it is most likely to be; a transfer that it stands for is taken from `missing`."""
    stands_for = (("CASH_ANOTHER_DAY", _same_far), ("CASH_WRONG_SIGN", _opposite), ("CASH_AMOUNT_DIFFERS", _same_day))
    for code, fits in stands_for:
        if movement := next((each for each in missing if fits(each, row)), None):
            missing.remove(movement)
            return Odd(code, movement, row)
    alike = [each for each in movements if row.kind == KIND_OF.get(each.direction)]
    for code, is_so in (
        ("RETURN_UNHEARD", _takes_back),
        ("CASH_TWICE", _repeats),
        ("CASH_BEFORE_SETTLED", _is_moving),
        ("CASH_FOR_ENDED", _came_to_nothing),
    ):
        if movement := next((each for each in alike if is_so(each, row, found)), None):
            return Odd(code, movement, row)
    return Odd("CASH_UNEXPLAINED", None, row)


def _of_return(movement: Movement, found: Matches) -> Iterator[Odd]:
    booking = found.bookings.get(movement.pk)
    if booking is None:
        return
    if booking.void and movement.returned_on is None:
        yield Odd("RETURN_UNHEARD", movement, booking)
    elif movement.returned_on and not booking.void and movement.pk not in found.reversals:
        yield Odd("RETURN_NOT_BOOKED", movement, None)


# --- A row, and a transfer that has none ------------------------------------------------------------------------------


def _same_far(movement: Movement, row: Row) -> bool:
    on = movement.settled_on
    same = row.kind == KIND_OF.get(movement.direction) and row.amount == movement.signed
    return on is not None and same and abs(row.booked_on - on) <= FAR


def _opposite(movement: Movement, row: Row) -> bool:
    on = movement.settled_on
    return on is not None and row.amount == -movement.signed and near(on, row.booked_on)


def _same_day(movement: Movement, row: Row) -> bool:
    on = movement.settled_on
    alike = row.kind == KIND_OF.get(movement.direction) and (row.amount > 0) == (movement.signed > 0)
    return on is not None and alike and near(on, row.booked_on)


# --- A row, and a transfer that should not have one more --------------------------------------------------------------


def _takes_back(movement: Movement, row: Row, found: Matches) -> bool:
    open_to_it = movement.pk in found.bookings and movement.pk not in found.reversals
    later = movement.settled_on is not None and row.booked_on >= movement.settled_on
    return open_to_it and later and movement.returned_on is None and row.amount == -movement.signed


def _repeats(movement: Movement, row: Row, found: Matches) -> bool:
    again = movement.pk in found.bookings and row.amount == movement.signed
    undone_again = movement.pk in found.reversals and row.amount == -movement.signed
    day = movement.settled_on if again else movement.returned_on
    return (again or undone_again) and day is not None and near(day, row.booked_on)


def _is_moving(movement: Movement, row: Row, found: Matches) -> bool:
    since = movement.moving_since
    return since is not None and row.amount == movement.signed and row.booked_on >= since


def _came_to_nothing(movement: Movement, row: Row, found: Matches) -> bool:
    return movement.ended_unfunded and row.amount == movement.signed

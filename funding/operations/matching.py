"""Which row of the broker's cash was booked for which transfer. The broker does not say, so it is worked out here.

Called by cash_books; reads and writes nothing. A row is matched with one transfer at the most, and a transfer with one
booking and one reversal: by kind of cash, sign and exact amount, within so many banking days. Between two that fit
alike, the order in time decides; for a sum that is the same, which of two equal ones it was makes no difference.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from brokerage import banking_days
from funding import states

# https://docs.alpaca.markets/docs/account-activities: how far a row's date and the settling lie apart.
WINDOW = 3  # banking days, either way
KIND_OF = {states.INCOMING: "CSD", states.OUTGOING: "CSW"}
BOOKING, REVERSAL = "BOOKING", "REVERSAL"


@dataclass(frozen=True)
class Movement:
    """A transfer of ours, as far as cash is concerned. Days are New York's."""

    pk: Any
    direction: str
    amount: Decimal  # US dollars, above zero
    settled_on: date | None  # that it settled is known
    returned_on: date | None = None
    ended_unfunded: bool = False
    moving_since: date | None = None  # accepted, and not settled yet

    @property
    def signed(self) -> Decimal:
        return self.amount if self.direction == states.INCOMING else -self.amount

    @property
    def day(self) -> date | None:
        return self.settled_on or self.moving_since or self.returned_on


@dataclass(frozen=True)
class Row:
    """A row of the broker's cash; `amount` is signed. `void` where the broker has taken it back."""

    pk: Any
    kind: str
    amount: Decimal
    booked_on: date
    void: bool = False


@dataclass
class Matches:
    """What fits and what is left. `bookings` and `reversals` go from a transfer to its row."""

    bookings: dict[Any, Row] = field(default_factory=dict)
    reversals: dict[Any, Row] = field(default_factory=dict)
    offsets: list[tuple[Row, Row]] = field(default_factory=list)  # two that cancel out
    left: list[Row] = field(default_factory=list)


def match(movements: Iterable[Movement], rows: Iterable[Row], *, known: Iterable[tuple[Any, str, Any]] = ()) -> Matches:
    """Match the transfers of one account with its rows of cash; `known` are (transfer, role, row) from before.

    What was matched before stays so while the amounts still fit.
    """
    return _Matching(list(movements), list(rows), list(known)).run()


class _Matching:
    def __init__(self, movements: list[Movement], rows: list[Row], known: list[tuple[Any, str, Any]]) -> None:
        self.movements = {movement.pk: movement for movement in movements}
        self.free = {row.pk: row for row in rows}
        self.known = known
        self.found = Matches()

    def run(self) -> Matches:
        self._keep_known()
        settled = [movement for movement in self.movements.values() if movement.settled_on]
        # A row that the broker made void stands for a return, if there is one, and for anything else only as a last
        # resort.
        self._pair([each for each in settled if each.returned_on], BOOKING, _settled_on, void=True)
        self._pair(settled, BOOKING, _settled_on, void=False)
        self._pair(settled, BOOKING, _settled_on, void=True)
        # A return whose settling was never heard of is booked and taken back, or neither.
        unheard = [each for each in self.movements.values() if each.returned_on and not each.settled_on]
        self._pair(unheard, BOOKING, _returned_on, void=False)
        self._pair(unheard, BOOKING, _returned_on, void=True)
        self._reversals()
        self._reversed_in_place()
        self.found.left = list(self.free.values())
        return self.found

    # --- What fits ----------------------------------------------------------------------------------------------------

    def _keep_known(self) -> None:
        for transfer, role, row_pk in self.known:
            movement, row = self.movements.get(transfer), self.free.get(row_pk)
            if movement is None or row is None:
                continue
            wanted = movement.signed if role == BOOKING else -movement.signed
            if row.amount == wanted:
                (self.found.bookings if role == BOOKING else self.found.reversals)[transfer] = self.free.pop(row_pk)

    def _pair(
        self, movements: list[Movement], role: str, day_of: Callable[[Movement], date | None], *, void: bool
    ) -> None:
        """Match those that have no row in this role with free rows of the same kind, amount and time."""
        matched = self.found.bookings if role == BOOKING else self.found.reversals
        sign = 1 if role == BOOKING else -1
        waiting = [movement for movement in movements if movement.pk not in matched]
        rows = [row for row in self.free.values() if row.void == void]
        for movement, row in _in_order(waiting, rows, sign=sign, day_of=day_of):
            matched[movement.pk] = self.free.pop(row.pk)

    def _reversals(self) -> None:
        """Find what took returned money back: a row of its own, or a booking that the broker has made void."""
        returned = [
            movement
            for movement in self.movements.values()
            if movement.returned_on and movement.pk in self.found.bookings and not self.found.bookings[movement.pk].void
        ]
        self._pair(returned, REVERSAL, _returned_on, void=False)

    def _reversed_in_place(self) -> None:
        """Two rows that cancel out within the window, and belong to nothing, explain each other."""
        by_size: dict[tuple[str, Decimal], list[Row]] = defaultdict(list)
        for row in sorted(self.free.values(), key=lambda row: row.booked_on):
            if not row.void:
                by_size[row.kind, abs(row.amount)].append(row)
        for rows in by_size.values():
            for first in rows:
                partner = next((other for other in rows if self._cancels(first, other)), None)
                if partner:
                    self.found.offsets.append((self.free.pop(first.pk), self.free.pop(partner.pk)))

    def _cancels(self, first: Row, other: Row) -> bool:
        both_free = first.pk in self.free and other.pk in self.free
        return both_free and first.amount == -other.amount and near(first.booked_on, other.booked_on)


def _in_order(
    movements: list[Movement], rows: list[Row], *, sign: int, day_of: Callable[[Movement], date | None]
) -> list[tuple[Movement, Row]]:
    """Pair, within each kind and amount, as many as can be: both in the order of their days, each within the window."""
    by_size: dict[tuple[str, Decimal], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.booked_on, row.void, str(row.pk))):
        by_size[row.kind, row.amount].append(row)
    waiting: dict[tuple[str, Decimal], list[tuple[date, Movement]]] = defaultdict(list)
    for movement in movements:
        if (day := day_of(movement)) and (kind := KIND_OF.get(movement.direction)):
            waiting[kind, sign * movement.signed].append((day, movement))
    pairs = []
    for size, group in waiting.items():
        pairs += _sweep(sorted(group, key=lambda pair: (pair[0], str(pair[1].pk))), by_size.get(size, []))
    return pairs


def _sweep(group: list[tuple[date, Movement]], rows: list[Row]) -> list[tuple[Movement, Row]]:
    """Pair two lists in the order of time. With one window for all, no other way pairs more of them."""
    pairs, place = [], 0
    for day, movement in group:
        earliest, latest = _window(day)
        while place < len(rows) and rows[place].booked_on < earliest:
            place += 1
        if place < len(rows) and rows[place].booked_on <= latest:
            pairs.append((movement, rows[place]))
            place += 1
    return pairs


def _window(day: date) -> tuple[date, date]:
    """Return the first and the last day on which cash for a settling of that day may be booked."""
    first = day
    for _ in range(WINDOW):
        first -= timedelta(days=1)
        while not banking_days.is_banking_day(first):
            first -= timedelta(days=1)
    return first, banking_days.add(day, WINDOW)


def near(one: date, other: date) -> bool:
    """Say whether two days lie no further apart than cash and settling may."""
    first, last = _window(one)
    return first <= other <= last


def _settled_on(movement: Movement) -> date | None:
    return movement.settled_on


def _returned_on(movement: Movement) -> date | None:
    return movement.returned_on

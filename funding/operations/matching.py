"""Which row of the broker's cash was booked for which transfer. The broker does not say, so it is worked out here.

Called by equals; reads and writes nothing. A row is matched with one transfer at the most, and a transfer with one
booking and one reversal: by kind of cash, sign and exact amount, within so many banking days. Between two that fit
alike, the order in time decides; for a sum that is the same, which of two equal ones it was makes no difference.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from brokerage import banking_days
from funding import states

# https://docs.alpaca.markets/docs/account-activities: how far a row's date and the settling lie apart.
WINDOW = 3  # banking days, either way
KIND_OF = {states.INCOMING: "CSD", states.OUTGOING: "CSW"}
BOOKING, REVERSAL = "BOOKING", "REVERSAL"
Days = tuple[date, date]  # the first and the last


@dataclass(frozen=True)
class Movement:
    """A transfer of ours, as far as cash is concerned. Days are New York's."""

    pk: Any
    direction: str
    amount: Decimal  # US dollars, above zero
    settled_on: date | None  # that it settled is known
    returned_on: date | None = None
    accepted_on: date | None = None  # it cannot have settled before
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

    def add(self, more: "Matches") -> None:
        self.bookings |= more.bookings
        self.reversals |= more.reversals
        self.offsets += more.offsets
        self.left += more.left


Known = tuple[Any, str, Any]  # a transfer, its role, and a row


class Matching:
    """One way to match. What was matched before stays so while the amounts still fit.

    `first` are those that have the first claim to what took money back, where that is known.
    """

    def __init__(
        self, movements: list[Movement], rows: list[Row], known: list[Known], first: frozenset[Any] | None = None
    ) -> None:
        self.movements = {movement.pk: movement for movement in movements}
        self.free = {row.pk: row for row in rows}
        self.known = known
        self.first = first
        self.found = Matches()

    def run(self) -> Matches:
        self._keep_known()
        settled = [movement for movement in self.movements.values() if movement.settled_on]
        unheard = [each for each in self.movements.values() if each.returned_on and not each.settled_on]
        # What took returned money back comes first: it tells which bookings stand, and which the broker has made void.
        self._reversals(settled, perhaps=unheard)
        in_place = [each for each in settled if each.returned_on and each.pk not in self.found.reversals]
        self._pair(in_place, BOOKING, void=True)
        # A return whose settling was never heard of is booked and taken back, or neither.
        taken_back = [each for each in unheard if each.pk in self.found.reversals]
        self._pair(settled, BOOKING, void=False, perhaps=taken_back)
        self._let_go(taken_back)
        self._pair(settled, BOOKING, void=True, perhaps=unheard)
        self._pair(unheard, BOOKING, void=False)
        self._reversals([each for each in unheard if each.pk in self.found.bookings])
        self._reversed_in_place()
        self.found.left = list(self.free.values())
        return self.found

    # --- What fits ----------------------------------------------------------------------------------------------------

    def _keep_known(self) -> None:
        known = [
            (self.movements[transfer], role, self.free[row])
            for transfer, role, row in self.known
            if transfer in self.movements and row in self.free
        ]
        for movement, role, row in known:
            wanted = movement.signed if role == BOOKING else -movement.signed
            if row.amount == wanted:
                (self.found.bookings if role == BOOKING else self.found.reversals)[movement.pk] = self.free.pop(row.pk)

    def _pair(self, movements: list[Movement], role: str, *, void: bool, perhaps: Iterable[Movement] = ()) -> None:
        """Match those that have no row in this role with free rows of the same kind, amount and time.

        `perhaps` are matched as far as none of the others loses its row by it.
        """
        matched = self.found.bookings if role == BOOKING else self.found.reversals
        sizes: dict[_Size, _Group] = defaultdict(_Group)
        for movement in movements:
            if movement.pk not in matched:
                sizes[_size_of(movement, role)].surely.append(movement)
        for movement in perhaps:
            if movement.pk not in matched:
                sizes[_size_of(movement, role)].perhaps.append(movement)
        for row in self.free.values():
            if row.void == void and (row.kind, row.amount) in sizes:
                sizes[row.kind, row.amount].rows.append(row)
        for group in sizes.values():
            for movement, row in group.pairs(_days_of_return if role == REVERSAL else _days_of_booking):
                matched[movement.pk] = self.free.pop(row.pk)

    def _reversals(self, movements: Iterable[Movement], perhaps: Iterable[Movement] = ()) -> None:
        """Find the rows that took returned money back, unless the broker has made the booking void."""
        booked = self.found.bookings
        returned = [each for each in movements if each.returned_on and not (each.pk in booked and booked[each.pk].void)]
        if self.first is None:
            # Where both forms meet, the row of its own goes to the one that no void booking can stand for.
            surely = [each for each in returned if each.pk in booked or not self._may_be_void(each)]
        else:
            surely = [each for each in (*returned, *perhaps) if each.pk in self.first]
        others = [each for each in (*returned, *perhaps) if each not in surely]
        self._pair(surely, REVERSAL, void=False, perhaps=others)

    def _let_go(self, taken_back: list[Movement]) -> None:
        """Let go of the reversals of what was never booked."""
        for movement in taken_back:
            if movement.pk not in self.found.bookings:
                row = self.found.reversals.pop(movement.pk)
                self.free[row.pk] = row

    def _may_be_void(self, movement: Movement) -> bool:
        """Say whether there is a void row that may be this one's booking."""
        return any(row.void and may_be(BOOKING, movement, row) for row in self.free.values())

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


_Size = tuple[str, Decimal]


def _size_of(movement: Movement, role: str) -> _Size:
    """Return the kind and the signed amount of the row that a movement wants."""
    return KIND_OF.get(movement.direction, ""), movement.signed if role == BOOKING else -movement.signed


@dataclass
class _Group:
    """Movements and rows of one kind and amount."""

    surely: list[Movement] = field(default_factory=list)
    perhaps: list[Movement] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def pairs(self, days_of: Callable[[Movement], Days]) -> list[tuple[Movement, Row]]:
        """Pair as many as can be, in the order of time."""
        rows = sorted(self.rows, key=lambda row: (row.booked_on, str(row.pk)))
        best = _sweep([(*days_of(each), str(each.pk), each) for each in self.surely], rows)
        for movement in self.perhaps if len(best) < len(rows) else ():
            chosen = [*(each for each, _ in best), movement]
            more = _sweep([(*days_of(each), str(each.pk), each) for each in chosen], rows)
            best = more if len(more) == len(chosen) else best
        return best


def _sweep(group: list[tuple[date, date, str, Movement]], rows: list[Row]) -> list[tuple[Movement, Row]]:
    """Give each row, in the order of time, to the movement whose days end first. No other way pairs more of them."""
    pairs, waiting = [], list[tuple[date, str, Movement]]()
    coming = sorted(group, key=lambda each: each[:3], reverse=True)
    for row in rows:
        while coming and coming[-1][0] <= row.booked_on:
            _, last, name, movement = coming.pop()
            heapq.heappush(waiting, (last, name, movement))
        while waiting and waiting[0][0] < row.booked_on:
            heapq.heappop(waiting)
        if waiting:
            pairs.append((heapq.heappop(waiting)[2], row))
    return pairs


@lru_cache(maxsize=4096)
def _window(day: date) -> Days:
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


def takes_back(row: Row, movement: Movement) -> bool:
    on = movement.returned_on
    return on is not None and row.amount == -movement.signed and near(on, row.booked_on)


def may_be(role: str, movement: Movement, row: Row) -> bool:
    """Say whether a rule may match a row with a transfer in this role."""
    if role == REVERSAL:
        return takes_back(row, movement)
    if not (movement.settled_on or movement.returned_on):
        return False
    first, last = _days_of_booking(movement)
    return row.amount == movement.signed and first <= row.booked_on <= last


def _days_of_return(movement: Movement) -> Days:
    assert movement.returned_on is not None  # noqa: S101 - asked of returned ones
    return _window(movement.returned_on)


def _days_of_booking(movement: Movement) -> Days:
    """Return when cash may be booked; one of which we heard only that it came back settled at any time before."""
    if movement.settled_on:
        return _window(movement.settled_on)
    last = _days_of_return(movement)[1]
    return _window(movement.accepted_on)[0] if movement.accepted_on else _days_of_return(movement)[0], last

"""Transfers of one amount told apart by their cash: of the ways to match them, that which leaves the least to explain.

Called by cash_books; calls matching and unmatched, reads and writes nothing. Which of two equal ones a row was booked
for makes no difference until one of them comes back. A broker tells that in one of two forms, a row of its own or the
booking made void; where both forms meet, which transfer had which shows in the whole alone.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from funding.operations import unmatched
from funding.operations.matching import KIND_OF, Known, Matches, Matching, Movement, Row, may_be, takes_back

# So many transfers and rows are gone through in the ways tried for one amount, until the best one so far has to do.
EFFORT = 10_000


def match(movements: Iterable[Movement], rows: Iterable[Row], *, known: Iterable[Known] = ()) -> Matches:
    """Match the transfers of one account with its rows of cash; `known` are those matched before.

    What was matched before stays so while the amounts still fit, unless that leaves more to explain than another way.
    """
    equals: dict[tuple[str, Decimal], _Equals] = defaultdict(_Equals)
    of = dict[Any, _Equals]()
    for movement in movements:
        of[movement.pk] = equals[KIND_OF.get(movement.direction, ""), movement.amount]
        of[movement.pk].movements.append(movement)
    for row in rows:
        equals[row.kind, abs(row.amount)].rows.append(row)
    for pair in known:
        if pair[0] in of:
            of[pair[0]].known.append(pair)
    found = Matches()
    for group in equals.values():
        found.add(group.match())
    return found


@dataclass
class _Equals:
    """The transfers and rows of one account, kind of cash and amount, whatever their signs."""

    movements: list[Movement] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)

    def match(self) -> Matches:
        """Match them as they were before; where something is left to explain, in the way that leaves the least."""
        best = Matching(self.movements, self.rows, self.known).run()
        fewest = self._to_explain(best)
        for first in self._claims() if fewest else ():
            found = Matching(self.movements, self.rows, self._by_hand(), first).run()
            if (count := self._to_explain(found)) < fewest:
                best, fewest = found, count
            if not fewest:
                break
        return best

    def _to_explain(self, found: Matches) -> int:
        return len(found.offsets) + sum(1 for _ in unmatched.explain(self.movements, found))

    def _claims(self) -> list[frozenset[Any]]:
        """Return each choice of those that a row of its own may have taken back; of the others, the booking was."""
        returned = [each for each in self.movements if each.returned_on]
        tries = max(1, EFFORT // (len(self.movements) + len(self.rows)))
        choices = [frozenset[Any]()]
        for row in sorted(self.rows, key=lambda row: (row.booked_on, str(row.pk))):
            fits = [each.pk for each in returned if not row.void and takes_back(row, each)]
            more = (chosen | {pk} for chosen in choices for pk in fits if pk not in chosen)
            choices = list(itertools.islice(dict.fromkeys(more), tries)) or choices
        return choices

    def _by_hand(self) -> list[Known]:
        """Return what only a person can have matched: no rule would, so far apart are the two."""
        movements, rows = {each.pk: each for each in self.movements}, {row.pk: row for row in self.rows}
        return [
            (transfer, role, row)
            for transfer, role, row in self.known
            if row in rows and not may_be(role, movements[transfer], rows[row])
        ]

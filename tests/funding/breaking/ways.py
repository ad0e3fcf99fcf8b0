"""Ways to break an invariant: each does to sound rows what no operation would, and says which row must be named."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from funding.operations import invariants
from funding.operations.invariants import history
from funding.operations.invariants.questions import QUESTIONS
from tests.funding.standing import Customer

Breaking = Callable[[Customer], Any]


@dataclass(frozen=True)
class Way:
    """What breaks one check, and the words by which the check tells of it."""

    check: Hashable
    says: str
    by: Breaking

    @property
    def name(self) -> str:
        return self.by.__name__

    @property
    def invariant(self) -> int:
        return CHECKS[self.check]


def _checks() -> dict[Hashable, int]:
    """Return every check there is, with the invariant that it is about."""
    found: list[tuple[Hashable, int]] = [*invariants.ORPHANS.items()]
    for group in (invariants.OF_A_TRANSFER, invariants.AS_DECIDED):
        found += [(check, number) for number, checks in group.items() for check in checks]
    found += [(asked.offenders, number) for number, questions in QUESTIONS.items() for asked in questions]
    found += [((track.subject, track.field), invariants.HISTORIES) for track in history.TRACKS]
    return dict(found)


CHECKS = _checks()
WAYS: list[Way] = []


def breaks(check: Hashable, says: str) -> Callable[[Breaking], Breaking]:
    """Register a way to break `check`; the function gets a customer, and returns the row that is broken then."""

    def register(by: Breaking) -> Breaking:
        WAYS.append(Way(check, says, by))
        return by

    return register

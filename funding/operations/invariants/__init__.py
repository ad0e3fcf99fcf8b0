"""What must be true of the books (the numbers are those of the project's list of invariants), asked of every row.

Called by check_invariants; reads the live database and writes nothing, in memory that does not grow with it. Most of it
a constraint or a guarded move keeps true already: this is for a restored dump, a constraint dropped by hand, a row
mended in psql, and for a bug in all of those. Two passes over the transfers, one over each other table with a history:

    stories    a transfer with all that was written down about it: money.py, history.py
    decided    an account's intents as they came, against the limits and the cash of their time
    tracks     the histories of relationships, applications and brokerage accounts: history.py
    questions  what one query tells
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from funding.operations.invariants import decided, history, money, stories
from funding.operations.invariants.pages import Page
from funding.operations.invariants.questions import QUESTIONS
from funding.operations.invariants.stories import Story

T = TypeVar("T")
OfStory = Callable[[Story], Iterator[str]]
AsDecided = Callable[[Any, decided.Running], Iterator[tuple[str, bool]]]

OF_A_TRANSFER: dict[int, tuple[OfStory, ...]] = {
    1: (
        money.has_one_attempt,
        money.went_to_sending_once,
        money.is_bound_where_it_was_accepted,
        money.is_bound_to_what_was_answered,
    ),
    2: (money.was_sent_by_an_attempt, money.was_sent_in_time, money.was_claimed_before_it_was_sent),
    3: (money.amount_is_whole_cents, money.amount_is_what_was_asked_for, money.amount_is_what_was_answered),
    5: (money.was_taken_back_once, money.was_let_go_once, money.ended_where_it_is_over),
    7: (history.sending_went_step_by_step, history.status_went_step_by_step),
    8: (money.settled_so_that_it_is_watched,),
    12: (money.was_authorized_before_it_was_sent, money.passed_the_risk_gate_before_it_was_sent),
}
# What hangs on no transfer at all, and which invariant that breaks.
ORPHANS = {"attempts": 2, "events": 7, "reversals": 5}
AS_DECIDED: dict[int, tuple[AsDecided, ...]] = {4: (decided.kept_within_cash,), 6: (decided.kept_within_limits,)}
HISTORIES = 7
ALL = sorted({*OF_A_TRANSFER, *AS_DECIDED, *QUESTIONS})


@dataclass(frozen=True)
class Breach:
    """One row that breaks an invariant, or may (a warning)."""

    invariant: int
    subject: str
    what: str
    is_warning: bool = False


class Run:
    """One run over the books, of all invariants or of some."""

    def __init__(self, *, now: datetime, only: Collection[int] = ()) -> None:
        self.now = now
        self.invariants = [number for number in ALL if not only or number in only]
        self.rows_read = 0

    def breaches(self) -> Iterator[Breach]:
        """Yield every breach as it is found."""
        for part in (self._stories, self._decided, self._tracks, self._questions):
            yield from part()

    def _stories(self) -> Iterator[Breach]:
        checks = self._chosen(OF_A_TRANSFER)
        for page in stories.page_by_page() if checks else ():
            self.rows_read += len(page)
            yield from self._orphans(page)
            for story in stories.told(page):
                yield from _broken(story, checks)

    def _decided(self) -> Iterator[Breach]:
        checks = self._chosen(AS_DECIDED)
        running = decided.Running()
        for page in decided.page_by_page() if checks else ():
            self.rows_read += len(page)
            for row in page:
                yield from _undecided(row, running, checks)

    def _tracks(self) -> Iterator[Breach]:
        for track in history.TRACKS if HISTORIES in self.invariants else ():
            for page in track.page_by_page():
                self.rows_read += len(page)
                yield from _astray(track, page)

    def _questions(self) -> Iterator[Breach]:
        for number, question in self._chosen(QUESTIONS):
            for page in question.answers(self.now):
                self.rows_read += len(page)
                yield from (Breach(number, f"{question.subject} {row}", question.what) for row in page)

    def _chosen(self, checks: Mapping[int, tuple[T, ...]]) -> list[tuple[int, T]]:
        return [(number, check) for number in self.invariants for check in checks.get(number, ())]

    def _orphans(self, page: Page) -> Iterator[Breach]:
        for name, row in page.orphans:
            if ORPHANS[name] in self.invariants:
                yield Breach(ORPHANS[name], f"transfer {row}", f"is not there, and has {name}")


def _broken(story: Story, checks: list[tuple[int, OfStory]]) -> Iterator[Breach]:
    for number, check in checks:
        for what in check(story):
            yield Breach(number, f"transfer {story.row.pk}", what)


def _undecided(row: Any, running: decided.Running, checks: list[tuple[int, AsDecided]]) -> Iterator[Breach]:
    """Hold one intent against what it was decided on; one whose history begins twice comes twice, and counts once."""
    if not running.take(row):
        return
    for number, check in checks:
        for what, is_warning in check(row, running):
            yield Breach(number, f"transfer {row.pk}", what, is_warning)


def _astray(track: history.Track, page: Page) -> Iterator[Breach]:
    for _, row in page.orphans:
        yield Breach(HISTORIES, f"{track.subject} {row}", f"is not there, and has a history of {track.field}")
    for row in page.rows:
        for what in track.broken(row, page.hanging["events"].get(row.pk, [])):
            yield Breach(HISTORIES, f"{track.subject} {row.pk}", what)

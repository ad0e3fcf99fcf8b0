"""Asking the broker thousands of questions without taking the site's own share of its patience.

The broker says with each answer how many more requests it takes, of all our processes together. A part of them
(RECONCILE_LEAVES_PERCENT) is left to customers and senders, who never wait; what is asked here waits.

Called by operations that reconcile; each answer comes from a function of gateways.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.utils import timezone

from accounts.findings import BrokerAway
from brokerage import metrics
from brokerage.gateways import broker_accounts, broker_budget
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError, patience, read_timeout

log = logging.getLogger(__name__)

# A broker that asks us to slow down is asked again so often, after so long where it names no time, at the most. No
# window is waited for any longer, either: a question then tells whether it is over.
TRIES = 3
SLOW, SLOWEST = timedelta(seconds=15), timedelta(seconds=60)
# So many answers in a row that make no sense are a vendor that is away; so are so many that do not come, each of which
# has cost all the time that we wait.
AWAY_AFTER, SILENT_AFTER = 3, 2
# Seconds in which a vendor that is there answers a light question.
LIGHT = 5
# Nobody has this address (RFC 2606): asked for to learn whether our keys are good.
NOBODY = "nobody@example.invalid"

Question = ParamSpec("Question")
Answer = TypeVar("Answer")


class KeysRefused(Exception):
    """The broker refuses us, whatever we ask."""


class Doubts:
    """How many questions in a row a vendor has left open; shared by all that one run asks of it.

    Before it is called away it is asked something light, `is_there`, that is about nobody: where it answers that, it
    is some rows alone that it gives no answer about, and the others are gone on with.
    """

    def __init__(self, is_there: Callable[[], object]) -> None:
        self._is_there = is_there
        self._in_a_row = self._silences = 0
        self._is_away = False

    def answered(self) -> None:
        self._in_a_row, self._silences, self._is_away = 0, 0, False

    def count(self, fault: NotSent | OutcomeUnknown) -> None:
        """Count a question that was left open. Raises BrokerAway where it is no use to go on asking."""
        self._in_a_row += 1
        self._silences += fault.http_status is None
        if self._in_a_row < AWAY_AFTER and self._silences < SILENT_AFTER:
            return
        self._is_away = self._is_away or not self._answers()
        if self._is_away:  # once it is, the next question that is left open is enough
            raise BrokerAway(str(fault)) from None
        self.answered()

    def _answers(self) -> bool:
        try:
            with patience(min(LIGHT, read_timeout())):
                self._is_there()
        except Refused:
            return True
        except VendorError:
            return False
        return True


def _find_nobody() -> object:
    return broker_accounts.find_accounts(NOBODY)


class Asking:
    """One run of questions, so many a minute at the most (0: as many as it likes)."""

    def __init__(self, *, per_minute: int, sleep: Callable[[timedelta], object] | None = None) -> None:
        self._gap = timedelta(minutes=1) / per_minute if per_minute else timedelta()
        self._sleep = sleep or _sleep
        self._next_at = time.monotonic()
        self._doubts = Doubts(_find_nobody)
        self._keys_are_good = False
        self._has_told_of_waiting = False

    def ask(self, read: Callable[Question, Answer], *args: Question.args, **query: Question.kwargs) -> Answer:
        """Return the answer. Raises Refused, OutcomeUnknown, and BrokerAway where it is no use to go on asking."""
        for _ in range(TRIES):
            self._await_turn()
            try:
                answer = read(*args, **query)
            except NotSent as later:
                self._slow_down(later)
            except OutcomeUnknown as doubt:
                if doubt.http_status != 200:  # else it is there, and says something odd of this one
                    self._doubts.count(doubt)
                raise
            else:
                self._doubts.answered()
                return answer
        raise BrokerAway("it asks us to slow down")

    def keys_are_good(self) -> bool:
        """Say whether the broker answers us at all: it refuses unknown accounts as it refuses bad keys, with 401."""
        if not self._keys_are_good:
            try:
                self.ask(broker_accounts.find_accounts, NOBODY)
            except Refused:
                return False
            except OutcomeUnknown as doubt:
                raise BrokerAway(str(doubt)) from None
            self._keys_are_good = True
        return True

    def _await_turn(self) -> None:
        left = timedelta(seconds=self._next_at - time.monotonic())
        if left > timedelta():
            self._sleep(left)
        self._leave_room()
        self._next_at = time.monotonic() + self._gap.total_seconds()

    def _leave_room(self) -> None:
        """Wait for the next window where what is left of this one belongs to the site's own requests."""
        budget = broker_budget.current()
        if budget is None or budget.percent_left >= settings.RECONCILE_LEAVES_PERCENT:
            return
        if not self._has_told_of_waiting:
            self._has_told_of_waiting = True
            log.info("the broker takes %s of %s more for now; the site has them first", budget.remaining, budget.limit)
        wait = min(budget.resets_at - timezone.now(), SLOWEST)
        metrics.reconcile_waited("broker", wait.total_seconds())
        self._sleep(wait)

    def _slow_down(self, later: NotSent) -> None:
        if later.http_status is None:
            raise BrokerAway(str(later)) from None
        wait = SLOW if later.retry_after is None else timedelta(seconds=later.retry_after)
        log.info("the broker asks us to slow down: %s s", wait.seconds)
        self._sleep(min(wait, SLOWEST))


def _sleep(wait: timedelta) -> None:
    time.sleep(wait.total_seconds())

"""Asking the broker thousands of questions without taking the site's own share of its patience.

The broker says with each answer how many more requests it takes, of all our processes together. A part of them
(RECONCILE_LEAVES_PERCENT) is left to customers and senders, who never wait; what is asked here waits.

Called by account_reconciliation; each answer comes from a function of gateways.broker_accounts.
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
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused

log = logging.getLogger(__name__)

# A broker that asks us to slow down is asked again so often, after so long where it names no time, at the most. No
# window is waited for any longer, either: a question then tells whether it is over.
TRIES = 3
SLOW, SLOWEST = timedelta(seconds=15), timedelta(seconds=60)
# So many answers in a row that make no sense, or do not come, are a broker that is away.
AWAY_AFTER = 3
# Nobody has this address (RFC 2606): asked for to learn whether our keys are good.
NOBODY = "nobody@example.invalid"

Question = ParamSpec("Question")
Answer = TypeVar("Answer")


class KeysRefused(Exception):
    """The broker refuses us, whatever we ask."""


class Asking:
    """One run of questions, so many a minute at the most (0: as many as it likes)."""

    def __init__(self, *, per_minute: int, sleep: Callable[[timedelta], object] | None = None) -> None:
        self._gap = timedelta(minutes=1) / per_minute if per_minute else timedelta()
        self._sleep = sleep or _sleep
        self._next_at = time.monotonic()
        self._doubts = 0
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
                self._count(doubt)
                raise
            else:
                self._doubts = 0
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

    def _count(self, doubt: OutcomeUnknown) -> None:
        if doubt.http_status == 200:
            return  # it is there, and says something odd of this one
        self._doubts += 1
        if self._doubts >= AWAY_AFTER:
            raise BrokerAway(str(doubt)) from None


def _sleep(wait: timedelta) -> None:
    time.sleep(wait.total_seconds())

"""What is done again and again, once for all workers together: claimed by a guarded update of a row, never skipped.

Called by rounds and worker, with the table of duties; knows none of them. What was missed while nobody worked is done
once, at the start. A duty that fails, or is cut short, is not done: it is gone on with soon, and at once where its
worker was only told to stop.
"""

import logging
import time as clock
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.findings import BrokerAway
from accounts.operations.leases import HeldByAnother
from brokerage import stopping
from brokerage.banking_days import NEW_YORK
from brokerage.gateways.errors import VendorError
from funding.models import Schedule

log = logging.getLogger(__name__)

# Renewed by each sign of life of its worker, so that one who died is followed within a minute.
LASTS = timedelta(seconds=45)
AGAIN_AFTER = timedelta(minutes=5)  # where it failed, or took too long
DAY = timedelta(days=1)

# The threads of a worker that keep schedules: those that ask a vendor, and those that ask nobody.
THREADS = ASKING, OUR_OWN = "schedules", "own schedules"

Doing = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Duty:
    """One thing to do: each `every`, or, with `at`, each day from that time in New York on.

    `do` is told in whose name, and returns how much it did. With `at_most`, what is left after so many seconds is done
    later.
    """

    name: str
    do: Callable[[str], int]
    every: timedelta = DAY
    at: time | None = None
    at_most: int | None = None

    def begun_after(self, now: datetime) -> datetime:
        """Return the moment after which it must have begun, so as not to be due now."""
        if self.at is None:
            return now - self.every
        today = datetime.combine(now.astimezone(NEW_YORK).date(), self.at, tzinfo=NEW_YORK)
        last = today if today <= now else datetime.combine(today.date() - DAY, self.at, tzinfo=NEW_YORK)
        return last - timedelta.resolution  # one that began at that very moment is it


def keep(duties: Sequence[Duty], *, holder: str, doing: Doing) -> int:
    """Do what is due and nobody does already, one after the other; return how much was done."""
    done_at = _all(duties)
    done = 0
    for duty in stopping.while_wanted(duties):
        now = timezone.now()
        if done_at[duty.name] <= duty.begun_after(now) and _claim(duty, holder, now):
            done += _do(duty, holder, doing, began_at=now)
    return done


def _all(duties: Sequence[Duty]) -> dict[str, datetime]:
    """Return when each was last done. One that is new here is due when its time comes for the first time."""
    held = dict(Schedule.objects.values_list("name", "done_at"))
    fresh = [Schedule(name=duty.name, done_at=timezone.now()) for duty in duties if duty.name not in held]
    if fresh:
        Schedule.objects.bulk_create(fresh, ignore_conflicts=True)
    return {row.name: row.done_at for row in fresh} | held


def _claim(duty: Duty, holder: str, now: datetime) -> bool:
    """Be the one who does it now; False where another worker does, or has done it."""
    free = Q(held_until=None) | Q(held_until__lte=now)
    due = Schedule.objects.filter(free, pk=duty.name, done_at__lte=duty.begun_after(now))
    return bool(due.update(holder=holder, held_until=now + LASTS, began_at=now))


def _do(duty: Duty, holder: str, doing: Doing, *, began_at: datetime) -> int:
    give_up_at = None if duty.at_most is None else clock.monotonic() + duty.at_most
    try:
        with doing(duty.name), stopping.turn(lambda: give_up_at is None or clock.monotonic() < give_up_at) as turn:
            done = duty.do(holder)
    except Exception as fault:
        if isinstance(fault, VendorError | BrokerAway | HeldByAnother):
            log.info("schedule: %s has to wait (%s)", duty.name, fault)
        else:
            log.exception("schedule: %s failed", duty.name)
        _end(duty, holder, held_until=timezone.now() + AGAIN_AFTER, error=type(fault).__name__)
        return 0
    if not turn.cut_short:
        _end(duty, holder, held_until=None, error="", done_at=began_at)
    elif stopping.goes_on():
        _end(duty, holder, held_until=timezone.now() + AGAIN_AFTER, error="")  # it took too long
    else:
        _end(duty, holder, held_until=None, error="")  # we are to stop: whoever works on goes on with it
    return done


def _end(duty: Duty, holder: str, **outcome: object) -> None:
    """Write what came of it, unless we were taken for dead and somebody else does it now."""
    if not Schedule.objects.filter(pk=duty.name, holder=holder).update(holder="", **outcome):
        log.warning("schedule: %s was taken over from us", duty.name)


def renew(*, holder: str) -> None:
    """Keep what a worker that lives has begun."""
    Schedule.objects.filter(holder=holder).update(held_until=timezone.now() + LASTS)


def let_go(*, holder: str) -> None:
    """Give up what a worker that is about to end has begun, so that another one takes over at once."""
    Schedule.objects.filter(holder=holder).update(holder="", held_until=None)

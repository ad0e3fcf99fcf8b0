"""Following the broker's account stream as it is spoken, for as long as anybody wants to.

Called by the command follow_account_events; calls gateways.broker through account_status and news. The worker reads the
same stream now and then; both may run, since an event acts once, and either may move the cursor.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import TypeVar

from django.utils import timezone

from accounts import states
from accounts.findings import BrokerAway
from accounts.models import BrokerageAccount, StreamCursor
from accounts.operations import account_status, leases, news
from accounts.operations.account_changes import Change
from brokerage import ulid
from brokerage.gateways import broker
from brokerage.gateways.errors import NotSent, Refused, VendorError

log = logging.getLogger(__name__)

STREAM = account_status.STREAM
# The broker gives a sign of life every 15 seconds or so; three that do not come are silence.
SILENCE = 45
# What was said shortly before we lost the stream is read again: the broker may have written it late.
AGAIN = timedelta(minutes=5)
# How long until we ask again, at the least, after a refusal of our keys or "slow down", and at the most.
SLOW, SLOWEST = timedelta(seconds=30), timedelta(seconds=60)
RETIRED = 410

Item = TypeVar("Item")
Tell = Callable[[str, str, list[Change]], None]  # the broker's ids of account and event, and what it changed


class StreamRetired(Exception):
    """The broker has taken this stream away for good: our code has to read another one."""


class Stopped(BaseException):
    """Somebody wants this process to end, and nothing is in hand; no `except Exception` on the way eats it."""


class Follower:
    """One process that follows the stream; `tell` hears of each event and what it changed.

    Stopped is raised between two events where `stopped` says so; while `waiting`, when none is in hand, a signal may
    raise it as well.
    """

    def __init__(self, *, holder: str, tell: Tell, stopped: Callable[[], bool], silence: int = SILENCE) -> None:
        self.holder, self.waiting = holder, False
        self._tell, self._stopped, self._silence = tell, stopped, silence
        self._failures = 0
        self._lost = False

    def read_once(self) -> int:
        """Read up to now; return how many events came. Raises HeldByAnother, BrokerAway, StreamRetired."""
        with leases.held(STREAM, holder=self.holder) as lease:
            try:
                return self._catch_up(lease)
            except VendorError as fault:
                raise _meaning(fault) from None

    def run(self, *, pause: Callable[[timedelta], object]) -> None:
        """Follow the stream; `pause` waits before the broker is asked again.

        Raises HeldByAnother, StreamRetired, Stopped.
        """
        with leases.held(STREAM, holder=self.holder) as lease:
            while True:
                pause(self._read_until_it_ends(lease))
                self._end_if_stopped()

    def _end_if_stopped(self) -> None:
        if self._stopped():
            raise Stopped

    def _read_until_it_ends(self, lease: leases.Held) -> timedelta:
        """Read what was missed, then what comes; return how long to wait before the next time."""
        fault: Exception | None = None
        try:
            self._catch_up(lease)
            if self._lost:
                self._compare_unsettled(lease)
            self._live(lease)
        except VendorError as broken:
            if isinstance(_meaning(broken), StreamRetired):
                raise StreamRetired from None
            self._lost = self._lost or broken.code == broker.EVENTS_LOST
            fault = broken
        except leases.HeldByAnother:
            raise
        except Exception as bug:
            log.exception("the account stream could not be followed; it is read again")
            fault = bug
        self._failures += 1
        wait = self._wait_after(fault)
        log.info("account stream ended (%s); asking again in %s s", fault or "the broker closed it", wait.seconds)
        return wait

    def _catch_up(self, lease: leases.Held) -> int:
        """Apply all that was said from a little before the cursor up to now, in bites that end; return how many."""
        count, bite, again = 0, broker.MAX_EVENTS, AGAIN
        while bite >= broker.MAX_EVENTS:
            bite = self._bite(again)
            count, again = count + bite, timedelta()
            lease.renew()
        return count

    def _bite(self, again: timedelta) -> int:
        def fetch(*, since: str, until: str) -> Iterator[broker.AccountEvent]:
            yield from self._awaited(broker.account_events(since=since, until=until))

        return news.read_stream(name=STREAM, fetch=fetch, apply=self._hear, again=again)

    def _live(self, lease: leases.Held) -> None:
        """Apply what comes, until the broker ends it."""
        cursor = StreamCursor.objects.get(pk=STREAM)
        stream = broker.account_events_live(since=cursor.ulid, silence=self._silence)
        with closing(stream):  # type: ignore[type-var]  # a generator, typed as an iterator
            for number, event in enumerate(self._awaited(stream)):
                if event is not None:
                    self._hear(event)
                self._move_on(cursor, event)
                lease.renew()
                if number:  # the first line is a greeting, which a broker in trouble says as well
                    self._failures = 0

    def _awaited(self, stream: Iterator[Item]) -> Iterator[Item]:
        """Yield what comes, and let signals know while we wait for it."""
        while True:
            self.waiting = True
            try:
                self._end_if_stopped()
                event = next(stream)
            except StopIteration:
                return
            finally:
                self.waiting = False
            yield event

    def _hear(self, event: broker.AccountEvent) -> None:
        self._tell(event.account_id, event.event_id, account_status.hear(event))

    def _move_on(self, cursor: StreamCursor, event: broker.AccountEvent | None) -> None:
        """Move the cursor to what has been applied; a sign of life says that until now there is nothing more."""
        now, ahead = timezone.now(), broker.clock_ahead()
        said_at = _time_of(event.event_id) if event else now + ahead
        if said_at is None:
            return
        place = ulid.first_at(said_at - news.OVERLAP)
        if place > cursor.ulid and not cursor.move_on(ulid=place, read_until=min(now, said_at - ahead)):
            cursor.refresh_from_db()

    def _compare_unsettled(self, lease: leases.Held) -> None:
        """After a loss that the broker told of, ask about each account that is on its way somewhere."""
        settled = [states.ACTIVE, states.REJECTED, states.CLOSED]
        for account in BrokerageAccount.objects.exclude(status__in=settled).order_by("pk").iterator(chunk_size=500):
            for finding in account_status.reconcile_one(account=account):
                log.info("after a loss: %s: %s", finding.subject, finding.what)
            lease.renew()
            self._end_if_stopped()
        self._lost = False

    def _wait_after(self, fault: Exception | None) -> timedelta:
        """Return a wait that doubles with each failure, of which chance takes up to a half, so that not all come back
        at once."""
        wait = timedelta(seconds=2 ** min(self._failures - 1, 6))
        if isinstance(fault, Refused) or (isinstance(fault, NotSent) and fault.http_status is not None):
            wait = max(wait, SLOW, timedelta(seconds=getattr(fault, "retry_after", 0) or 0))
        milliseconds = min(wait, SLOWEST) // timedelta(milliseconds=1)
        return timedelta(milliseconds=milliseconds // 2 + secrets.randbelow(milliseconds // 2 + 1))


def _meaning(fault: VendorError) -> Exception:
    return StreamRetired() if fault.http_status == RETIRED else BrokerAway(str(fault))


def _time_of(event_id: str) -> datetime | None:
    try:
        return ulid.time_of(event_id)
    except ValueError:
        return None

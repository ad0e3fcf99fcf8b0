"""Following one of the broker's streams as it is spoken, for as long as anybody wants to.

Called by the commands follow_account_events and follow_funding_events, and by whoever gives it a thread of its own.
One at a time follows a stream, by a lease; the worker's rounds read it while nobody does.

    broker ──► reader (a thread: listening) ──► buffer ──► rows and cursor (keeping) ──► what they change (acting)
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections

from accounts.findings import BrokerAway
from accounts.models import StreamCursor
from accounts.operations import acting, keeping, leases, listening, news
from accounts.operations.acting import Tell
from accounts.operations.keeping import Heard
from accounts.operations.listening import BufferFull, Line
from accounts.operations.streams import Stream
from brokerage.gateways import broker_streams
from brokerage.gateways.broker_streams import Feed
from brokerage.gateways.errors import NotSent, Refused, VendorError

log = logging.getLogger(__name__)

# The broker gives a sign of life every 15 seconds or so; three that do not come are silence.
SILENCE = 45
# How long until we ask again, at the least, after a refusal of our keys or "slow down", and at the most.
SLOW, SLOWEST = timedelta(seconds=30), timedelta(seconds=60)
# A wait is cut into these, much shorter than the lease.
SLICE = timedelta(seconds=5)
RETIRED = 410


class StreamRetired(Exception):
    """The broker has taken this stream away for good: our code has to read another one."""


class Stopped(BaseException):
    """Somebody wants this to end, and nothing is in hand; no `except Exception` on the way eats it."""


class Follower:
    """Follows one stream; `tell` hears of each event that was acted on and what it changed.

    Stopped is raised between two pieces of work where `stopped` says so, within about a second while nothing comes.
    """

    def __init__(
        self,
        *,
        stream: Stream,
        holder: str,
        tell: Tell = acting.nobody_listens,
        stopped: Callable[[], bool] = lambda: False,
        silence: int = SILENCE,
        room: int = listening.ROOM,
    ) -> None:
        self.stream, self.holder = stream, holder
        self._tell, self._stopped, self._silence, self._room = tell, stopped, silence, room
        self.rounds = 0  # how often it began to read what was missed
        self._failures, self._lost = 0, False
        self._ahead: timedelta | None = None

    def read_once(self) -> int:
        """Read up to now and act on all of it; return how many events came.

        Raises HeldByAnother, BrokerAway, StreamRetired, Stopped.
        """
        with leases.held(self.stream.name, holder=self.holder, lasts=leases.SHORT) as lease:
            try:
                count = self._catch_up(lease)
            except VendorError as fault:
                raise _meaning(fault) from None
            finally:
                self._act_on_all(lease)
        return count

    def run(self, *, pause: Callable[[timedelta], object]) -> None:
        """Follow the stream; `pause` waits before the broker is asked again.

        Raises HeldByAnother, StreamRetired, Stopped.
        """
        with leases.held(self.stream.name, holder=self.holder, lasts=leases.SHORT) as lease:
            while True:
                self.rounds += 1
                self._checkpoint(lease)
                self._wait(self._read_until_it_ends(lease), lease, pause)

    def _read_until_it_ends(self, lease: leases.Held) -> timedelta:
        """Read what was missed, then what comes; return how long to wait before the next time."""
        fault: Exception | None = None
        try:
            self._catch_up(lease)
            self._act_on_all(lease)
            if self._lost:
                self._compare_unsettled(lease)
            self._live(lease)
        except VendorError as broken:
            if isinstance(_meaning(broken), StreamRetired):
                raise StreamRetired from None
            if broken.code == broker_streams.EVENTS_LOST:
                self._note_loss()
            fault = broken
        except leases.HeldByAnother:
            raise
        except BufferFull as slow:
            fault = slow
        except Exception as bug:
            self._report(bug)
            fault = bug
        self._failures += 1
        wait = self._wait_after(fault)
        log.info("%s ended (%s); asking again in %s s", self.stream.name, fault or "the broker closed it", wait.seconds)
        return wait

    def _catch_up(self, lease: leases.Held) -> int:
        """Keep all that was said from a little before the cursor up to now, in bites that end; return how many."""

        def batches(feed: Feed, *, since: str, until: str) -> Iterator[list[Heard]]:
            with Line(feed, since=since, until=until, room=self._room) as line:
                yield from self._heard(line, lease)

        return news.read_up_to_now(self.stream, again=news.AGAIN, ahead=self._ahead, batches=batches)

    def _live(self, lease: leases.Held) -> None:
        """Keep what comes and act on it, until the broker ends it."""
        cursor = StreamCursor.objects.get(pk=self.stream.name)
        count = 0
        with Line(self.stream.feed, since=cursor.ulid, silence=self._silence, room=self._room) as line:
            for heard in self._heard(line, lease):
                keeping.keep(cursor, heard)
                while self._act(lease) >= acting.BATCH and not line.has_come:
                    pass
                count += len(heard)
                if count > 1:  # the first line is a greeting, which a broker in trouble says as well
                    self._failures = 0

    def _heard(self, line: Line, lease: leases.Held) -> Iterator[list[Heard]]:
        """Yield what comes on a line, looking up between two batches."""
        for heard in line.batches():
            self._checkpoint(lease)
            self._ahead = heard[-1].ahead if heard else self._ahead
            yield heard

    def _checkpoint(self, lease: leases.Held) -> None:
        """Keep our place between two pieces of work. Raises Stopped, HeldByAnother."""
        if self._stopped():
            raise Stopped
        lease.renew()

    def _act(self, lease: leases.Held) -> int:
        return acting.act_on_due(
            self.stream, holder=self.holder, tell=self._tell, checkpoint=lambda: self._checkpoint(lease)
        )

    def _act_on_all(self, lease: leases.Held) -> None:
        while self._act(lease):
            pass

    def _note_loss(self) -> None:
        """Say that the last minutes are to be read again, for whoever comes after us, too."""
        self._lost = True
        try:
            keeping.step_back(self.stream.name, news.AGAIN)
        except DatabaseError as away:
            self._report(away)

    def _compare_unsettled(self, lease: leases.Held) -> None:
        """After a loss that the broker told of, compare whatever is on its way somewhere."""
        for finding in self.stream.sweep(lambda: self._checkpoint(lease)):
            log.info("after a loss: %s: %s", finding.subject, finding.what)
        self._lost = False

    def _wait(self, wait: timedelta, lease: leases.Held, pause: Callable[[timedelta], object]) -> None:
        """Wait in slices, and meanwhile act on what was kept and stay the one who follows.

        Raises Stopped, HeldByAnother.
        """
        while True:
            try:
                self._checkpoint(lease)
                self._act_on_all(lease)
            except leases.HeldByAnother:
                raise
            except Exception as bug:
                self._report(bug)
            if wait <= timedelta():
                return
            pause(min(wait, SLICE))
            wait -= SLICE

    def _report(self, bug: Exception) -> None:
        """Say what went wrong; a database that was away is called anew."""
        log.error("%s could not be followed; it is read again", self.stream.name, exc_info=bug)
        if isinstance(bug, OperationalError | InterfaceError):
            close_old_connections()

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

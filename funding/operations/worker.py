"""One worker process: rounds in the main thread; threads for streams, schedules, the dead, the sign of life.

Called by run_worker; calls rounds, schedules and the followers of the streams. Any number of workers may run on one
database: a stream has one follower by its lease, a schedule one keeper by its claim, and each row one sender by a
guarded move. A worker that dies holds nothing for longer than a minute:

    stream: its lease · schedule: its claim, which the sign of life renews · row in the hand of a sender: status.LEASE,
    which a thread of every other worker watches, so that a round that a slow vendor keeps does not delay it
    e-mail: five minutes (see posting) · retries that were counted before they were tried: when the next one is due
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import close_old_connections, connections

from accounts.operations import leases
from accounts.operations.account_stream import ACCOUNTS
from accounts.operations.following import Follower, Stopped, StreamRetired
from accounts.operations.streams import Stream
from brokerage import stopping
from brokerage.gateways import sdks
from brokerage.gateways.errors import patience
from funding.operations import duties, heartbeats, left_behind, schedules
from funding.operations.funding_stream import FUNDING
from funding.operations.heartbeats import STUCK_AFTER, Steps
from funding.operations.rounds import WORKER_PATIENCE, Rounds
from funding.operations.schedules import Duty

log = logging.getLogger(__name__)

STREAMS: Mapping[str, Stream] = {stream.name: stream for stream in (ACCOUNTS, FUNDING)}
# How soon we look whether a stream that another worker follows has become free, and for schedules that are due.
LOOK_AGAIN = timedelta(seconds=10)
# How soon we see that a lease of a dead worker has ended.
LOOK_FOR_THE_DEAD = timedelta(seconds=3)
# Between two of its questions a run waits for up to three minutes while the broker asks us to slow down, and then for
# a list of any length.
SCHEDULE_STUCK_AFTER = timedelta(minutes=15)
# Seconds that followers get to end in, once everything else has: what they have heard and not kept is said again.
FOLLOWERS_END_WITHIN = 3

# What a thread does again and again; it is told how to ask whether to go on.
Work = Callable[[Callable[[], bool]], None]


class Worker:
    """One process; it works until `stop` is set, and then ends after what is in hand."""

    def __init__(self, *, stop: threading.Event) -> None:
        self.name = heartbeats.name_of_this_process()
        self.doing = heartbeats.Doing()
        self._stop = stop
        self._pulse = heartbeats.Pulse(name=self.name, doing=self.doing)
        self._rounds = Rounds(sender=self.name, doing=self.doing)

    def run(self) -> None:
        sdks.load()  # before there are threads that could need them at one moment
        with heartbeats.beating(self._pulse):
            followers = [self._begin(name, partial(self._follow, name)) for name in STREAMS]
            others = [self._keep(schedules.ASKING, duties.ASKING), self._keep(schedules.OUR_OWN, duties.OUR_OWN)]
            others.append(self._begin("the dead", self._take_for_dead, every=LOOK_FOR_THE_DEAD))
            try:
                self._work()
            finally:
                self._stop.set()
                for thread in others:
                    thread.join()
                _await(followers)
                self._let_go()

    def leave(self) -> None:
        """Give up what we hold, whatever we are in the middle of; what is being sent stays as it is."""
        self._let_go()
        self._pulse.end()

    def _let_go(self) -> None:
        """Have others take over at once what we hold, also where a thread still waits for the broker to speak."""
        leases.let_go(holder=self.name)
        schedules.let_go(holder=self.name)

    def _is_wanted(self, steps: Steps) -> bool:
        """Say whether a thread is to go on; that it asks is its sign of life."""
        steps.take()
        return not self._stop.is_set()

    def _work(self) -> None:
        wanted = partial(self._is_wanted, self.doing.steps("rounds"))
        with stopping.turn(wanted):
            while wanted():
                close_old_connections()
                self._rounds.do_what_waits()
                self._stop.wait(settings.WORKER_INTERVAL)

    def _begin(
        self, name: str, work: Work, *, every: timedelta = LOOK_AGAIN, stuck_after: timedelta = STUCK_AFTER
    ) -> threading.Thread:
        wanted = partial(self._is_wanted, self.doing.steps(name, within=stuck_after))
        thread = threading.Thread(target=self._run_thread, args=(name, work, every, wanted), name=name, daemon=True)
        thread.start()
        return thread

    def _run_thread(self, name: str, work: Work, every: timedelta, wanted: Callable[[], bool]) -> None:
        """Do a thread's work again and again until we are to stop, whatever becomes of it."""
        try:
            with patience(WORKER_PATIENCE), stopping.turn(wanted):
                while wanted():
                    close_old_connections()
                    try:
                        work(wanted)
                    except Exception:
                        log.exception("worker: %s failed", name)
                    self._stop.wait(every.total_seconds())
        finally:
            connections.close_all()

    def _follow(self, name: str, wanted: Callable[[], bool]) -> None:
        """Follow a stream for as long as it lasts, unless another worker does."""
        if leases.is_held(name):
            return
        follower = Follower(stream=STREAMS[name], holder=self.name, stopped=lambda: not wanted())
        try:
            with self.doing.now(f"follows {name}"):
                follower.run(pause=lambda wait: self._stop.wait(wait.total_seconds()))
        except leases.HeldByAnother:
            log.debug("worker: %s is followed by another worker", name)
        except StreamRetired:
            log.error("worker: the broker has retired %s: our code has to read another stream", name)
            while wanted():  # there is nothing to come back to
                self._stop.wait(LOOK_AGAIN.total_seconds())
        except Stopped:
            return

    def _take_for_dead(self, wanted: Callable[[], bool]) -> None:
        left_behind.take_for_dead(sender=self.name)

    def _keep(self, thread: str, table: tuple[Duty, ...]) -> threading.Thread:
        """Have a thread keep some of the schedules."""

        def keep(wanted: Callable[[], bool]) -> None:
            schedules.keep(table, holder=self.name, doing=self.doing.now)

        return self._begin(thread, keep, stuck_after=SCHEDULE_STUCK_AFTER)


def _await(followers: list[threading.Thread]) -> None:
    """Wait a moment for followers to end; one that waits for the broker to say something has nothing in hand."""
    give_up_at = time.monotonic() + FOLLOWERS_END_WITHIN
    for thread in followers:
        thread.join(max(0, give_up_at - time.monotonic()))

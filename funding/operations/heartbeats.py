"""A worker's sign of life: a row that a thread of its own renews, so that a long wait for a vendor is no death.

A thread that renews a row knows nothing of the others. So these leave word of each step that they take, and the row
says which of them have taken none for longer than any step may last.

Called by worker; the desk and the pages of health read the rows (see models.workers).
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import close_old_connections, connections
from django.utils import timezone

from funding.models import Worker
from funding.models.workers import BEAT_EVERY
from funding.operations import schedules

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)
_WHAT, _WHICH = 200, 100  # characters
# No step of a thread takes as long: one row, with a few requests to a vendor that lets us wait for each answer.
STUCK_AFTER = timedelta(minutes=5)


def name_of_this_process() -> str:
    """Return what histories, attempts and leases call a worker that runs here, and no other one, ever.

    A container that is started again has the host and the process number of the one before.
    """
    return f"worker {_host()[:40]} {os.getpid()} {secrets.token_hex(3)}"


def _host() -> str:
    return socket.gethostname()[:80]


@dataclass
class Steps:
    """One thread's: it takes one whenever it asks whether to go on."""

    thread: str
    within: timedelta
    last_at: datetime = field(default_factory=timezone.now)

    def take(self) -> None:
        self.last_at = timezone.now()

    @property
    def are_overdue(self) -> bool:
        return timezone.now() - self.last_at > self.within


class Doing:
    """What the threads of one worker do at the moment, and what went wrong last: what kind, and never a value."""

    def __init__(self) -> None:
        self.rounds = 0
        self.round_at: datetime | None = None
        self._steps: list[Steps] = []
        self.error, self.error_at = "", None  # type: str, datetime | None
        self._now: dict[int, str] = {}

    @contextmanager
    def now(self, what: str) -> Iterator[None]:
        """Say what this thread does inside the block; what goes wrong there is kept, and goes on its way."""
        here = threading.get_ident()
        before, self._now[here] = self._now.get(here), what
        try:
            yield
        except Exception as fault:
            self.error, self.error_at = f"{what}: {type(fault).__name__}"[:100], timezone.now()
            raise
        finally:
            self._now.pop(here)
            if before is not None:
                self._now[here] = before

    def end_round(self) -> None:
        self.rounds += 1
        self.round_at = timezone.now()

    def steps(self, thread: str, *, within: timedelta = STUCK_AFTER) -> Steps:
        """Return where a thread is to leave word of its steps; one that leaves none for so long is stuck."""
        steps = Steps(thread, within)
        self._steps.append(steps)
        return steps

    def stuck(self) -> list[Steps]:
        """Return what the threads that are stuck have left, the longest stuck first."""
        return sorted((steps for steps in self._steps if steps.are_overdue), key=lambda steps: steps.last_at)

    def trouble(self) -> str:
        """Name the threads that are stuck."""
        names = ", ".join(steps.thread for steps in self.stuck())
        return f"stuck: {names}" if names else ""

    def __str__(self) -> str:
        return "; ".join(list(self._now.values()))[:_WHAT]


class Pulse:
    """One worker's row."""

    def __init__(self, *, name: str, doing: Doing) -> None:
        self.name, self._doing = name, doing
        self._row = Worker(name=name, host=_host(), pid=os.getpid())
        self._told_stuck = ""

    def begin(self) -> None:
        _note_the_dead_here()
        self._row.save(force_insert=True)

    def beat(self) -> None:
        """Say that we live, and keep what we have taken on, unless its thread is stuck: another worker has it then."""
        self._write(beat_at=timezone.now())
        if not any(steps.thread in schedules.THREADS for steps in self._doing.stuck()):
            schedules.renew(holder=self.name)

    def end(self) -> None:
        now = timezone.now()
        self._write(beat_at=now, stopped_at=now)

    def _write(self, **when: datetime) -> None:
        stuck = self._doing.stuck()
        told = {"doing": str(self._doing), "rounds": self._doing.rounds, "round_at": self._doing.round_at}
        told |= {"error": self._doing.error, "error_at": self._doing.error_at}
        told |= {"stuck": self._name(stuck), "stuck_since": stuck[0].last_at if stuck else None}
        Worker.objects.filter(pk=self._row.pk).update(**told, **when)

    def _name(self, stuck: list[Steps]) -> str:
        """Return the names of threads that are stuck; the log says once which are."""
        names = ", ".join(steps.thread for steps in stuck)[:_WHICH]
        if names and names != self._told_stuck:
            log.error("worker: stuck: %s (%s)", names, self._doing)
        self._told_stuck = names
        return names


@contextmanager
def beating(pulse: Pulse) -> Iterator[None]:
    """Keep a worker's row alive while the block runs; a database that is away for a while ends nothing."""
    ended = threading.Event()
    pulse.begin()
    thread = threading.Thread(target=_beat_until, args=(ended, pulse), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=1)
        pulse.end()


def _beat_until(ended: threading.Event, pulse: Pulse) -> None:
    try:
        while not ended.wait(BEAT_EVERY.total_seconds()):
            close_old_connections()
            try:
                pulse.beat()
            except Exception as fault:
                log.warning("worker: no sign of life could be given (%s)", type(fault).__name__)
    finally:
        connections.close_all()


def _note_the_dead_here() -> None:
    """Say of silent workers of this host whose process is gone that they ended: somebody has come in their place."""
    for row in Worker.objects.silent().filter(host=_host()):
        if row.pid == os.getpid() or not _is_there(row.pid):
            Worker.objects.filter(pk=row.pk, stopped_at=None).update(stopped_at=timezone.now(), error="found dead")


def _is_there(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True


def forget_old(*, now: datetime | None = None) -> int:
    """Delete the rows of workers that have not been heard of for a week; return how many."""
    deleted, _ = Worker.objects.filter(beat_at__lt=(now or timezone.now()) - KEPT).delete()
    return deleted

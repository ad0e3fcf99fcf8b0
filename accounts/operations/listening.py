"""A connection to one of the broker's streams, whose reader does nothing else: however slow we are, it goes on reading.

Called by following. The reader is a thread that takes what comes from the socket into a bounded buffer. Where that is
full the reading ends, and the stream is read again from the cursor: nothing is lost, and memory stays.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from types import TracebackType

from django.utils import timezone

from accounts.operations.keeping import Heard
from brokerage.gateways import broker, broker_streams
from brokerage.gateways.broker_streams import Feed, HangUp, Said

# Characters that may wait to be written down; at a kilobyte an event, about as many as an hour of a busy day has.
ROOM = 32 * 1024 * 1024
OVERHEAD = 500
# So many are written down at a time.
BATCH = 500
TICK = timedelta(seconds=1)


class BufferFull(Exception):
    """We were slower than the broker for so long that the rest has to be read again."""


class Line:
    """One connection. Entering it calls the broker, leaving it hangs up; a reader that is still calling dies alone."""

    def __init__(
        self, feed: Feed, *, since: str, until: str = "", silence: int | None = None, room: int = ROOM
    ) -> None:
        self._feed, self._since, self._until = feed, since, until
        self._silence, self._room = silence, room
        self._changed = threading.Condition()
        self._waiting: deque[Heard] = deque()
        self._size, self._is_over, self._is_hung_up = 0, False, False
        self._fault: Exception | None = None
        self._hang_up: HangUp = lambda: None

    def __enter__(self) -> "Line":
        threading.Thread(target=self._read, name=f"reader of {self._feed.path}", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with self._changed:
            self._is_hung_up, hang_up = True, self._hang_up
            self._changed.notify_all()
        with suppress(ValueError, RuntimeError, OSError):  # it has ended by itself
            hang_up()

    def batches(self) -> Iterator[list[Heard]]:
        """Yield what has come, again and again, and nothing after each second in which nothing came.

        Ends where the broker ended it, and raises what else ended it, once all that came before has been yielded.
        """
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_over, TICK.total_seconds())
                batch = list(islice(self._taken(), BATCH))
                self._changed.notify_all()
                is_over = self._is_over and not batch
            if is_over:
                break
            yield batch
        if self._fault:
            raise self._fault

    @property
    def has_come(self) -> bool:
        """Say whether something waits to be written down."""
        return bool(self._waiting)

    def _taken(self) -> Iterator[Heard]:
        while self._waiting:
            heard = self._waiting.popleft()
            self._size -= _size_of(heard.said)
            yield heard

    # --- The reader's thread ------------------------------------------------------------------------------------------

    def _read(self) -> None:
        fault: Exception | None = None
        try:
            self._take_all()
        except Exception as ended_by:
            fault = ended_by
        with self._changed:
            self._fault, self._is_over = fault, True
            self._changed.notify_all()

    def _take_all(self) -> None:
        listening = broker_streams.listen(
            self._feed, since=self._since, until=self._until, silence=self._silence, opened=self._opened
        )
        for number, said in enumerate(listening):
            # The first comment is a greeting; so is every one before the end of a reading that has an end.
            is_caught_up = said is None and number > 0 and not self._until
            self._put(Heard(said, timezone.now(), broker.clock_ahead(), is_caught_up))
            if self._is_hung_up:
                return

    def _opened(self, hang_up: HangUp) -> None:
        with self._changed:
            self._hang_up = hang_up
            is_late = self._is_hung_up
        if is_late:
            hang_up()

    def _put(self, heard: Heard) -> None:
        size = _size_of(heard.said)
        with self._changed:
            if self._until:  # what is over is said again as slowly as we like
                self._changed.wait_for(lambda: self._size + size <= self._room or not self._size or self._is_hung_up)
            elif self._size + size > self._room:
                raise BufferFull("the buffer is full")
            self._size += size
            self._waiting.append(heard)
            self._changed.notify_all()


def _size_of(said: Said | None) -> int:
    return OVERHEAD + len(said.body if said else "")

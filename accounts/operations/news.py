"""Reading one of the broker's event streams from where we left off, up to now.

Called by the worker's rounds and by following. What is read is kept by `keeping`, and acted on afterwards by `acting`;
two may read at once, since an event is kept once and acted on once.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import StreamCursor
from accounts.operations import acting, keeping, leases
from accounts.operations.keeping import Heard
from accounts.operations.streams import Stream, nothing_to_check
from brokerage import ulid
from brokerage.gateways import broker, broker_streams
from brokerage.gateways.broker_streams import Feed
from brokerage.gateways.errors import VendorError

log = logging.getLogger(__name__)

# Where we have never read, begin this far back; older things are found by reconciliation.
FIRST_READ = timedelta(minutes=5)
# What was said shortly before we lost the stream is read again: the broker may have written it late.
AGAIN = timedelta(minutes=5)
BATCH = 100
CLOCKS_APART = timedelta(seconds=30)

# What came, in batches that may be empty; asked for with the feed, `since` and `until`.
Batches = Callable[..., Iterator[list[Heard]]]


def read_and_act(stream: Stream, *, holder: str) -> int:
    """Read up to now, unless somebody follows the stream live, and act on what waits; return on how many events.

    Raises VendorError; what was kept is acted on all the same.
    """
    acted = 0
    try:
        if not leases.is_held(stream.name):
            _read(stream)
    finally:
        acted = acting.act_on_due(stream, holder=holder)
    return acted


def _read(stream: Stream) -> None:
    """Read up to now; after a loss read again what was said shortly before, and compare what is unsettled."""
    try:
        read_up_to_now(stream)
    except VendorError as fault:
        if fault.code != broker_streams.EVENTS_LOST:
            raise
        keeping.step_back(stream.name, AGAIN)
        read_up_to_now(stream)
        for finding in stream.sweep(nothing_to_check):
            log.info("after a loss: %s: %s", finding.subject, finding.what)


def straight(feed: Feed, *, since: str, until: str) -> Iterator[list[Heard]]:
    """Yield what is said between two ULIDs, read by this very thread. What came before a fault is yielded before it."""
    batch: list[Heard] = []
    try:
        for said in broker_streams.listen(feed, since=since, until=until):
            batch.append(Heard(said, timezone.now(), broker.clock_ahead()))
            if len(batch) >= BATCH:
                yield batch
                batch = []
    except VendorError:
        yield batch
        raise
    yield batch


def read_up_to_now(
    stream: Stream, *, again: timedelta = timedelta(), ahead: timedelta | None = None, batches: Batches = straight
) -> int:
    """Keep every event since the cursor and move it up to now; return how many came.

    Where we have never read, reading begins at the time of the oldest question that the news may answer. What was said
    in the time `again` before the cursor is read once more. `ahead` is how far the broker's clock is, where known.
    Raises what the gateway raises; what was kept stays kept.
    """
    ahead = broker.clock_ahead() if ahead is None else ahead
    count, heard = _read_range(stream, ahead, again, batches)
    if heard and abs(heard.ahead - ahead) > CLOCKS_APART:
        # The first answer tells how the broker's clock goes, and its own `now` is what has to be read up to.
        more, _ = _read_range(stream, heard.ahead, again, batches)
        count += more
    return count


def _read_range(stream: Stream, ahead: timedelta, again: timedelta, batches: Batches) -> tuple[int, Heard | None]:
    """Read up to now in bites that end; return how many events came, and what came last."""
    now = timezone.now()
    begin = min(now - FIRST_READ, stream.open_since() or now)
    cursor = _cursor(stream, begin, ahead)
    since, until = ulid.first_at(ulid.time_of(cursor.ulid) - again), ulid.first_at(now + ahead)
    if since >= until:  # made before we knew how the broker's clock goes
        since = ulid.first_at(begin + ahead)
    count, last, is_more = 0, None, True
    while is_more:
        bite, place = 0, since
        for heard in batches(stream.feed, since=since, until=until):
            keeping.keep(cursor, heard)
            events = [each.said for each in heard if each.said]
            place = max(
                [place, *(each.event_id for each in events if each.event_id <= until and keeping.place_of(each))]
            )
            bite += len(events)
            last = heard[-1] if heard else last
        count += bite
        is_more = bite >= broker_streams.MAX_EVENTS and place > since
        since = place
    keeping.reach(cursor, until=now, ahead=ahead)
    return count, last


def _cursor(stream: Stream, begin: datetime, ahead: timedelta) -> StreamCursor:
    first = {"ulid": ulid.first_at(begin + ahead), "reading_since": begin, "read_until": begin}
    cursor, _ = StreamCursor.objects.get_or_create(name=stream.name, defaults=first)
    return cursor

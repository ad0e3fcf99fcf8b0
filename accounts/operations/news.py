"""Reading one of the broker's event streams from where we left off.

Called by account_status, following and, in the other app, settlement. The cursor moves only past what has been
applied; two may read at once, since what is applied twice acts once.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.utils import timezone

from accounts.models import StreamCursor
from brokerage import ulid
from brokerage.gateways import broker

# ULIDs of one millisecond come in any order, and the broker may write late: read a little again, and drop duplicates.
OVERLAP = timedelta(seconds=15)
# Where we have never read, begin this far back; older things are found by reconciliation.
FIRST_READ = timedelta(minutes=5)


class Event(Protocol):
    """Whatever a stream yields: it has the ULID of its place in the stream."""

    @property
    def event_id(self) -> str: ...


SomeEvent = TypeVar("SomeEvent", bound=Event)
Fetch = Callable[..., Iterator[SomeEvent]]


def read_stream(
    *,
    name: str,
    fetch: Fetch[SomeEvent],
    apply: Callable[[SomeEvent], object],
    open_since: datetime | None = None,
    again: timedelta = timedelta(),
) -> int:
    """Apply every event since the cursor, oldest first, and move the cursor; return how many came.

    `fetch` takes `since` and `until` as ULIDs. Where we have never read, reading begins at `open_since`, the time of
    the oldest question that the news may answer. What was said in the time `again` before the cursor is read once more.
    Raises what the gateway raises; what was applied stays applied.
    """
    now = timezone.now()
    ahead = broker.clock_ahead()
    begin = min(now - FIRST_READ, open_since or now)
    first = {"ulid": ulid.first_at(begin + ahead), "reading_since": begin, "read_until": begin}
    cursor, _ = StreamCursor.objects.get_or_create(name=name, defaults=first)
    count, last = 0, ""
    since = ulid.first_at(ulid.time_of(cursor.ulid) - again) if again else cursor.ulid
    for event in fetch(since=since, until=ulid.first_at(now + ahead)):
        apply(event)
        count, last = count + 1, event.event_id or last
    if count >= broker.MAX_EVENTS:
        cursor.move_on(ulid=last, read_until=ulid.time_of(last) - ahead)  # there is more: go on from here
    else:
        cursor.move_on(ulid=ulid.first_at(now + ahead - OVERLAP), read_until=now)
    return count

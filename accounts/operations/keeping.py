"""Writing the broker's news down: each event once, and the cursor with it in one transaction.

Called by news. Whatever is to be done about an event is done later, by acting; here it is only not lost.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import StreamCursor, StreamEvent
from brokerage import ulid
from brokerage.gateways.broker_streams import Said
from brokerage.gateways.errors import OutcomeUnknown

# ULIDs of one millisecond come in any order, and the broker may write late: read a little again, and drop duplicates.
OVERLAP = timedelta(seconds=15)
ORDER = timedelta(microseconds=1)
FUTURE = timedelta(minutes=1)


@dataclass(frozen=True)
class Heard:
    """What came on the wire: an event, or a comment, which is a sign of life.

    `at` is our time, `ahead` how far the broker's clock was ahead of it. A comment that `is_caught_up` says that until
    now there was nothing more; a greeting comes before what was missed, and says nothing.
    """

    said: Said | None
    at: datetime
    ahead: timedelta
    is_caught_up: bool = False


def keep(cursor: StreamCursor, heard: Sequence[Heard]) -> None:
    """Keep what is new of this, in the order in which it came, and move the cursor behind it.

    Raises OutcomeUnknown at an event that is no JSON and was never seen before, with all that came before it kept: it
    may have been spoiled on its way, so ask again. One that comes a second time is as the broker means it.
    """
    if not heard:
        return
    said = {event_id(each.said): each.said for each in heard if each.said}
    with transaction.atomic(durable=True):
        known = _known(cursor.name, list(said))
        new = {name: each for name, each in said.items() if name not in known}
        spoiled = next((name for name, each in new.items() if each.is_garbled), "")
        if spoiled:
            before = list(new).index(spoiled) + 1
            new = dict(list(new.items())[:before])
            heard = heard[: next(n for n, each in enumerate(heard) if each.said and event_id(each.said) == spoiled)]
        _write(cursor.name, new)
        _move(cursor, heard)
    if spoiled:
        raise OutcomeUnknown("GET: an event is no JSON", http_status=200)


def reach(cursor: StreamCursor, *, until: datetime, ahead: timedelta) -> None:
    """Say that everything up to `until`, by our clock, has been kept."""
    _move_to(cursor, until + ahead, at=until, ahead=ahead)


def step_back(stream: str, by: timedelta) -> None:
    """Say that what was said in the time before the cursor may have been lost, whoever reads it again."""
    with transaction.atomic(durable=True):
        cursor = StreamCursor.objects.select_for_update().get(pk=stream)
        cursor.ulid = ulid.first_at(ulid.time_of(cursor.ulid) - by)
        cursor.read_until -= by
        cursor.save(update_fields=["ulid", "read_until"])


def event_id(said: Said) -> str:
    """Return the event's id, or, where it has none, what tells its body from others."""
    return said.event_id or hashlib.sha256(said.body.encode()).hexdigest()


def place_of(said: Said) -> datetime | None:
    """Return when an event was made, by the broker's clock, as its id tells."""
    try:
        return ulid.time_of(said.event_id)
    except ValueError:
        return None


def _known(stream: str, names: list[str]) -> set[str]:
    return set(
        StreamEvent.objects.filter(stream=stream, event_id__in=names).order_by().values_list("event_id", flat=True)
    )


def _write(stream: str, new: dict[str, Said]) -> None:
    now = timezone.now()
    rows = [
        StreamEvent(
            stream=stream,
            event_id=name,
            account_id=said.account_id,
            entity_id=said.entity_id,
            body=said.body,
            received_at=now + number * ORDER,
        )
        for number, (name, said) in enumerate(new.items())
    ]
    StreamEvent.objects.bulk_create(rows, ignore_conflicts=True)  # another reader may be as far as we are


def _move(cursor: StreamCursor, heard: Sequence[Heard]) -> None:
    """Move the cursor behind the last of this that tells a place."""
    for each in reversed(heard):
        made_at = place_of(each.said) if each.said else each.at + each.ahead if each.is_caught_up else None
        # An id from the future is none; where the clocks differ, by less than we notice, it is from just now.
        if made_at and made_at < each.at + each.ahead + FUTURE:
            _move_to(cursor, made_at, at=each.at, ahead=each.ahead)
            return
    if heard:
        type(cursor).objects.filter(pk=cursor.pk).update(heard_at=heard[-1].at)


def _move_to(cursor: StreamCursor, made_at: datetime, *, at: datetime, ahead: timedelta) -> None:
    """Move to a moment by the broker's clock; it was heard `at` our time. Never back, but from the broker's future."""
    stands = cursor.ulid if cursor.ulid <= ulid.first_at(at + ahead) else ""
    place = max(ulid.first_at(made_at - OVERLAP), stands)
    read_until = max(cursor.read_until, min(at, made_at - ahead))
    if not cursor.move_on(ulid=place, read_until=read_until, heard_at=at):
        cursor.refresh_from_db()

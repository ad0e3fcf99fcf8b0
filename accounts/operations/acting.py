"""Acting on the broker's news that was kept: in the order in which it came, each event once.

Called by news and following. One process acts on a stream's news at a time. One that dies in the middle leaves an
event that the next one acts on again, which changes nothing twice: what is changed bears the event's id.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from accounts.models import StreamEvent
from accounts.models.streams import PARKED, RECEIVED, STRANGER, UNFAMILIAR
from accounts.operations import leases
from accounts.operations.account_changes import Change
from accounts.operations.streams import Acted, Checkpoint, Stream, nothing_to_check
from brokerage.status import IllegalMove, LostRace, pause

log = logging.getLogger(__name__)

TRIES = 5
BATCH = 100
# How long an event may be about something that we are about to hear of: an answer that is under way, say.
STRANGE_FOR = timedelta(hours=1)

Tell = Callable[[str, str, list[Change]], object]  # the broker's ids of account and event, and what it changed


def nobody_listens(account_id: str, event_id: str, changes: list[Change]) -> None:
    """Stand where nobody wants to hear of each event."""


def act_on_due(
    stream: Stream,
    *,
    holder: str,
    tell: Tell = nobody_listens,
    checkpoint: Checkpoint = nothing_to_check,
) -> int:
    """Act on up to a hundred events that wait, and on what they lead to; return on how many.

    None where another process does so already. `checkpoint` is passed between two of them.
    """
    due = StreamEvent.objects.due(stream.name, now=timezone.now())
    if not due.exists():
        return 0
    try:
        with leases.held(f"acts on {stream.name}", holder=holder, lasts=leases.SHORT) as lease:
            return _act_on(stream, list(due[:BATCH]), lease, tell, checkpoint)
    except leases.HeldByAnother:
        return 0


def _act_on(stream: Stream, rows: Sequence[StreamEvent], lease: leases.Held, tell: Tell, checkpoint: Checkpoint) -> int:
    def go_on() -> None:
        lease.renew()
        checkpoint()

    done: list[Acted] = []
    for row in rows:
        go_on()
        if acted := _act(stream, row):
            done.append(acted)
            tell(row.account_id, row.event_id, acted.changes)
    stream.after(done, go_on)
    return len(rows)


def _act(stream: Stream, row: StreamEvent) -> Acted | None:
    """Act on one event and say what came of it; None where that failed, and is tried again, or parked."""
    try:
        acted = stream.act(row.body)
    except (OperationalError, InterfaceError):
        raise  # the database is away or busy, which no event is to blame for
    except Exception as bug:
        with suppress(IllegalMove, LostRace):  # a person, or another process, was faster
            _count(row, type(bug).__name__)  # what it says is not told here, since it may be of a person
        return None
    with suppress(IllegalMove, LostRace):
        _settle(row, acted)
    return acted


def _count(row: StreamEvent, why: str) -> None:
    """Note one more try that failed, and at the fifth park the event."""
    tries = row.tries + 1 if row.state == RECEIVED else 1
    if tries < TRIES:
        log.warning("event %s of %s: try %s failed (%s)", row.event_id, row.stream, tries, why)
        row.try_again(state=RECEIVED, tries=tries, next_at=timezone.now() + pause(tries), why=why)
        return
    row.move_state(PARKED, actor="worker", because=f"{tries} tries failed: {why}", tries=tries, why=why)
    log.error("event %s of %s: parked after %s tries (%s)", row.event_id, row.stream, tries, why)


def _settle(row: StreamEvent, acted: Acted) -> None:
    tries = row.tries + 1
    if acted.state == UNFAMILIAR:
        why = acted.why[:200]
        row.move_state(UNFAMILIAR, actor="worker", because="a kind that we do not know", tries=tries, why=why)
        log.warning("event %s of %s: of a kind that we do not know, kept (%s)", row.event_id, row.stream, why)
    elif acted.state == STRANGER and row.received_at > timezone.now() - STRANGE_FOR:
        row.try_again(state=STRANGER, tries=tries, next_at=timezone.now() + pause(tries), why=acted.why)
    else:
        row.done(tries=tries, why=acted.why)

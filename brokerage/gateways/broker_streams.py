"""The Broker API's event streams: what is said on them, as it comes, and what one event means.

Called by operations; calls alpaca-py through broker_client. Listening raises NotSent, Refused or OutcomeUnknown, and
nothing else. An event is handed on as its text, so that it can be kept before anybody asks what it means.
https://docs.alpaca.markets/us/docs/sse-events
"""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from brokerage.gateways import broker_answers as read
from brokerage.gateways import broker_calls as calls
from brokerage.gateways import broker_words as words
from brokerage.gateways import event_stream
from brokerage.gateways.broker_answers import AccountEvent, FundingEvent
from brokerage.gateways.event_stream import EVENTS_LOST

__all__ = [
    "ACCOUNTS",
    "EVENTS_LOST",
    "FUNDING",
    "MAX_EVENTS",
    "Feed",
    "Said",
    "account_event",
    "funding_event",
    "listen",
    "said",
]

log = logging.getLogger(__name__)

MAX_EVENTS = 500
# An id longer than this is none of the broker's.
LONGEST_ID = 64

HangUp = Callable[[], None]


@dataclass(frozen=True)
class Feed:
    """One of the broker's streams: where it is, and how it calls the ends of a reading, an event and what it is of."""

    version: str
    path: str
    since: str
    until: str
    event_id: str
    entity_id: str


ACCOUNTS = Feed("v1", "/events/accounts/status", "since_ulid", "until_ulid", "event_ulid", "account_id")
FUNDING = Feed("v2", "/events/funding/status", "since_id", "until_id", "event_id", "entity_id")


@dataclass(frozen=True)
class Said:
    """One event as it came; an id that it does not name is empty. One that `is_garbled` is no JSON."""

    event_id: str
    account_id: str
    entity_id: str
    body: str = field(repr=False)  # its prose may tell of a person
    is_garbled: bool = False


def listen(
    feed: Feed,
    *,
    since: str,
    until: str = "",
    silence: int | None = None,
    opened: Callable[[HangUp], object] = lambda hang_up: None,
) -> Iterator[Said | None]:
    """Yield what is said after a ULID, oldest first, and None for a comment, which is a sign of life.

    With `until` it ends where all up to that ULID has been yielded, or 500 events have; without, where the broker ends
    it. `opened` is given what another thread may call to end it. Raises OutcomeUnknown after `silence` seconds without
    a line (without it: after the caller's patience without an event), and, with the code EVENTS_LOST, where the broker
    says that it left events out.
    """
    cursor = {feed.since: since} | ({feed.until: until} if until else {})
    count = 0
    with calls.reading(feed.path):
        lines = calls.client().open_stream(feed.version, feed.path, cursor, silence=silence, opened=opened)
        for data in event_stream.events(lines, what="GET"):
            yield None if data is None else said(feed, data)
            count += data is not None
            if until and count >= MAX_EVENTS:
                return


def said(feed: Feed, data: str) -> Said:
    """Return one event as it came, with the ids that it names."""
    try:
        row = _row(data)
    except (ValueError, RecursionError):
        log.warning("GET %s: an event is no JSON", feed.path)
        return Said("", "", "", data, is_garbled=True)
    event_id, account_id, entity_id = (
        words.text(row, name)[:LONGEST_ID] for name in (feed.event_id, "account_id", feed.entity_id)
    )
    return Said(event_id, account_id, entity_id, data)


def account_event(body: str) -> AccountEvent:
    """Return what an event of the account stream tells. Raises ValueError, RecursionError where it is no JSON."""
    return read.account_event(_row(body))


def funding_event(body: str) -> FundingEvent:
    """Return what an event of the funding stream tells. Raises ValueError, RecursionError where it is no JSON."""
    return read.funding_event(_row(body))


def _row(data: str) -> dict[str, Any]:
    row = json.loads(data)
    return row if isinstance(row, dict) else {}

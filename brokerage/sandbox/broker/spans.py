"""Which events a caller asks for: by days, by times, or by the ids of events, and never by two of these at once."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import events, query
from brokerage.sandbox.broker.feeds import Feed
from brokerage.sandbox.broker.refusal import bad_parameter
from brokerage.sandbox.clock import parse_moment
from brokerage.sandbox.wire import Request

ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """Ids greater than `after`, and none greater than `until`; of one account, of one group, or of all."""

    after: str
    until: str | None
    account_id: str = ""
    group_id: str = ""


def asked_for(books: Books, request: Request, feed: Feed) -> Span:
    """Without a beginning, only what is still to happen. Raises Refusal (400) for a range that makes no sense."""
    pairs = [("since", "until"), (feed.since_id, feed.until_id)]
    if feed.first_generation:
        pairs.append(("since_id", "until_id"))
    given = {name: request.first(name) for pair in pairs for name in pair if request.first(name)}
    _check_pairs(pairs, given)
    after, until = events.newest(books), None
    for name, text in given.items():
        if name in ("since", feed.since_id, "since_id"):
            after = _after(books, feed, name, text)
        else:
            until = _until(books, feed, name, text)
    return Span(after, until, request.first("id"), request.first("group_id"))


def _check_pairs(pairs: list[tuple[str, str]], given: dict[str, str]) -> None:
    for start, end in pairs:
        if end in given and start not in given:
            raise bad_parameter(f"{start} is required when {end} is specified")
    starts = [start for start, _ in pairs if start in given]
    if len(starts) > 1:
        raise bad_parameter(f"{' and '.join(starts)} cannot be used together")


def _after(books: Books, feed: Feed, name: str, text: str) -> str:
    if name == "since":
        return _before(events.first_ulid_at(_moment(feed, name, text)))
    cursor = _cursor(books, feed, name, text)
    return _before(cursor) if books.setting("inclusive_cursor") else cursor


def _until(books: Books, feed: Feed, name: str, text: str) -> str:
    if name != "until":
        return _cursor(books, feed, name, text)
    length = query.DAY if query.is_day(text) else 0.001
    return _before(events.first_ulid_at(_moment(feed, name, text) + length))


def _moment(feed: Feed, name: str, text: str) -> float:
    if feed.whole_days:
        return parse_moment(query.day(name, text).isoformat())
    return query.moment(name, text)


def _cursor(books: Books, feed: Feed, name: str, text: str) -> str:
    read: Callable[[Books, str, str], str] = _ulid
    if feed.first_generation and name in ("since_id", "until_id"):
        read = _ulid_of_number
    return read(books, name, text)


def _ulid(books: Books, name: str, text: str) -> str:
    if not ULID.fullmatch(text):
        raise bad_parameter(f"{name} must be a valid ULID")
    return text.upper()


def _ulid_of_number(books: Books, name: str, text: str) -> str:
    """The id of an event that is named by its number, which only partners of the first days may do."""
    if not books.setting("integer_event_ids"):
        raise bad_parameter(f"{name} is not available, use {name.replace('_id', '_ulid')}")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise bad_parameter(f"{name} must be an integer")
    row = books.one("SELECT MAX(ulid) AS ulid FROM events WHERE seq <= ?", int(text))
    return (row["ulid"] if row else None) or "0" * 26


def _before(ulid: str) -> str:
    return events.encode(max(0, events.decode(ulid) - 1))

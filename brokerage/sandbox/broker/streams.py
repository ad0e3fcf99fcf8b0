"""Server-sent events: history first, then whatever happens, until the caller's end of range or goodbye."""

import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from brokerage.sandbox import moves
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import events
from brokerage.sandbox.broker.refusal import Refusal, bad_parameter
from brokerage.sandbox.clock import parse_moment
from brokerage.sandbox.wire import Answer, Request

DAY = 86_400
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """Which events a caller wants: ids greater than `after`, and none greater than `until`."""

    after: str
    until: str | None
    account_id: str = ""


def accounts(books: Books, request: Request) -> Answer:
    return _open(books, request, "accounts", since_id="since_ulid", until_id="until_ulid")


def funding(books: Books, request: Request) -> Answer:
    return _open(books, request, "funding", since_id="since_id", until_id="until_id")


def retired(books: Books, request: Request) -> Answer:
    raise Refusal(410, "this endpoint is retired, use /v2/events/funding/status")


def _open(books: Books, request: Request, stream: str, *, since_id: str, until_id: str) -> Answer:
    if books.open_streams >= int(books.setting("max_streams")):
        raise Refusal(429, "too many requests")
    span = _span(books, request, since_id, until_id)
    headers = {"Cache-Control": "no-cache"}
    return Answer(content_type="text/event-stream", headers=headers, stream=follow(books, stream, span))


def _span(books: Books, request: Request, since_id: str, until_id: str) -> Span:
    given = {name: request.first(name) for name in ("since", "until", since_id, until_id) if request.first(name)}
    for start, end in (("since", "until"), (since_id, until_id)):
        if end in given and start not in given:
            raise bad_parameter(f"{start} is required when {end} is specified")
    if "since" in given and since_id in given:
        raise bad_parameter(f"since and {since_id} cannot be used together")
    after = events.newest(books)
    if "since" in given:
        after = _before(events.first_ulid_at(_day(given["since"])))
    if since_id in given:
        after = _ulid(since_id, given[since_id])
        after = _before(after) if books.setting("inclusive_cursor") else after
    until = _ulid(until_id, given[until_id]) if until_id in given else None
    if "until" in given:
        until = _before(events.first_ulid_at(_day(given["until"]) + DAY))
    return Span(after, until, request.first("id"))


def _before(ulid: str) -> str:
    return events.encode(max(0, events.decode(ulid) - 1))


def _ulid(name: str, text: str) -> str:
    if not ULID.fullmatch(text):
        raise bad_parameter(f"{name} must be a valid ULID")
    return text.upper()


def _day(text: str) -> float:
    try:
        return parse_moment(date.fromisoformat(text).isoformat())
    except ValueError:
        raise bad_parameter("date must be formatted as YYYY-MM-DD") from None


def follow(books: Books, stream: str, span: Span) -> Iterator[bytes]:
    """Frames: a greeting, then history and news, as long as the caller stays and the books are the same."""
    with books.lock:
        books.open_streams += 1
    try:
        yield b": welcome to the sandbox's event stream\n\n"
        yield from _frames(books, stream, span)
    finally:
        with books.lock:
            books.open_streams -= 1


def _frames(books: Books, stream: str, span: Span) -> Iterator[bytes]:
    after, beat, life = span.after, 0.0, books.life
    while not books.closed and books.life == life:
        edition = books.edition
        rows, over = _read(books, stream, after, span)
        for row in rows:
            if span.account_id in ("", row["account_id"]):
                yield b"data: %b\n\n" % row["payload"].encode()
            after = row["ulid"]
        if rows:
            continue
        if over:
            return
        if time.monotonic() >= beat:
            yield b":heartbeat\n\n"
            beat = time.monotonic() + float(books.setting("heartbeat_seconds"))
        until_over = books.clock.real_seconds(_remaining(books, span))
        books.await_news(after=edition, seconds=min(beat - time.monotonic(), until_over))


def _read(books: Books, stream: str, after: str, span: Span) -> tuple[list[sqlite3.Row], bool]:
    """The next events of the span, and whether there is none after them, now or ever."""
    with books.lock:
        if books.closed:
            return [], True
        moves.catch_up(books)
        rows = events.later_than(books, stream, after)
        wanted = [row for row in rows if span.until is None or row["ulid"] <= span.until]
        return wanted, len(wanted) < len(rows) or _is_over(books, span)


def _is_over(books: Books, span: Span) -> bool:
    """Whether no event that is still to come can lie inside the span."""
    return span.until is not None and _remaining(books, span) <= 0


def _remaining(books: Books, span: Span) -> float:
    if span.until is None:
        return float("inf")
    seconds = events.moment_of(span.until) - books.now()
    # A clock that stands still would never pass its own present.
    return seconds if books.clock.frozen_at is not None else seconds + 0.001

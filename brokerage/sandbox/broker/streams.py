"""Server-sent events: history first, then whatever happens, until the caller's end of range or goodbye."""

import sqlite3
import time
from collections.abc import Iterator

from brokerage.sandbox import moves
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts as broker_accounts
from brokerage.sandbox.broker import events, feeds, spans
from brokerage.sandbox.broker.feeds import Feed
from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.broker.spans import Span
from brokerage.sandbox.wire import Answer, Request

EVENT_STREAM = "text/event-stream"


def accounts(books: Books, request: Request) -> Answer:
    return _open(books, request, feeds.ACCOUNTS)


def funding(books: Books, request: Request) -> Answer:
    return _open(books, request, feeds.FUNDING)


def activities(books: Books, request: Request) -> Answer:
    return _open(books, request, feeds.ACTIVITIES)


def non_trade_activities(books: Books, request: Request) -> Answer:
    if not books.setting("legacy_activity_stream"):
        raise Refusal(410, "this endpoint is retired, use /v2beta1/events/activities")
    return _open(books, request, feeds.NON_TRADE_ACTIVITIES)


def transfers(books: Books, request: Request) -> Answer:
    if not books.setting("legacy_transfer_stream"):
        raise Refusal(410, "this endpoint is retired, use /v2/events/funding/status")
    return _open(books, request, feeds.TRANSFERS)


def one_activity(books: Books, request: Request) -> Answer:
    """A single event, read again, as the message of a stream that ends with it."""
    account = broker_accounts.fetch(books, request.params["account_id"])
    sql = "SELECT * FROM events WHERE stream = 'activities' AND ulid = ? AND account_id = ?"
    row = books.one(sql, request.params["event_id"].upper(), account["id"])
    if row is None:
        raise Refusal(404, "event not found")
    return Answer(200, b"data: %b\n\n" % row["payload"].encode(), EVENT_STREAM)


def _open(books: Books, request: Request, feed: Feed) -> Answer:
    if books.open_streams >= int(books.setting("max_streams")):
        raise Refusal(429, "too many requests")
    span = spans.asked_for(books, request, feed)
    headers = {"Cache-Control": "no-cache"}
    return Answer(content_type=EVENT_STREAM, headers=headers, stream=follow(books, feed, span))


def follow(books: Books, feed: Feed, span: Span) -> Iterator[bytes]:
    """Frames: a greeting, then history and news, as long as the caller stays and the books are the same."""
    with books.lock:
        books.open_streams += 1
    try:
        yield b": welcome to the sandbox's event stream\n\n"
        yield from _frames(books, feed, span)
    finally:
        with books.lock:
            books.open_streams -= 1


def _frames(books: Books, feed: Feed, span: Span) -> Iterator[bytes]:
    after, beat, life = span.after, 0.0, books.life
    while not books.closed and books.life == life:
        edition = books.edition
        rows, over = _read(books, feed, after, span)
        for row in rows:
            if (told := _told(books, feed, span, row)) is not None:
                yield b"data: %b\n\n" % told
            after = row["ulid"]
        if rows:
            continue
        if over:
            return
        if time.monotonic() >= beat:
            yield b":heartbeat\n\n"
            beat = time.monotonic() + float(books.setting("heartbeat_seconds"))
        books.await_news(
            after=edition, seconds=min(beat - time.monotonic(), books.clock.real_seconds(_remaining(books, span)))
        )


def _told(books: Books, feed: Feed, span: Span, row: sqlite3.Row) -> bytes | None:
    if span.account_id not in ("", row["account_id"]):
        return None
    if span.group_id and span.group_id not in row["payload"]:
        return None
    return feed.told(books, row)


def _read(books: Books, feed: Feed, after: str, span: Span) -> tuple[list[sqlite3.Row], bool]:
    """The next events of the span, and whether there is none after them, now or ever."""
    with books.lock:
        if books.closed:
            return [], True
        moves.catch_up(books)
        rows = events.later_than(books, feed.kind, after)
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

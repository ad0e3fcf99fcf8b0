"""The reader of a stream reads on, however slow we are; where it can't, what it left is read again."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import BrokerageAccount, StreamCursor, StreamEvent
from accounts.models.streams import DONE
from accounts.operations import listening
from accounts.operations.account_stream import ACCOUNTS
from accounts.operations.following import Follower, Stopped
from accounts.operations.listening import BufferFull, Line
from accounts.operations.streams import Acted
from brokerage import ulid
from tests import make
from tests.brokerage.gateways.vendor import EVENT_STREAM, Vendor, silence, stream
from tests.harness.waiting import eventually

pytestmark = pytest.mark.django_db
NOTHING = stream(b": welcome\n\n")


def events(count: int, status: str = "APPROVED") -> bytes:
    return b"".join(event(number, status) for number in range(count))


def event(number: int, status: str, **more: str) -> bytes:
    at = timezone.now() - timedelta(seconds=30)
    name = ulid.first_at(at)[:20] + f"{number:06}"
    body = {"event_ulid": name, "at": at.isoformat(), "account_id": "ada", "status_to": status, **more}
    return b"data: %b\n\n" % json.dumps(body).encode()


@pytest.fixture
def ada() -> BrokerageAccount:
    return make.account(make.user(), status="SUBMITTED", alpaca_id="ada")


def all_of(line: Line) -> Iterator[str]:
    for batch in line.batches():
        yield from (heard.said.event_id if heard.said else "-" for heard in batch)


def test_what_comes_is_handed_on_in_order(vendor: Vendor) -> None:
    vendor.says(stream(b": welcome\n\n", events(1200)))

    with Line(ACCOUNTS.feed, since="0" * 26, silence=5) as line:
        heard = list(all_of(line))

    assert heard[0] == "-"
    assert len(heard) == 1201
    assert heard[1:] == sorted(heard[1:])


def test_only_what_follows_the_greeting_says_that_there_is_no_more(vendor: Vendor) -> None:
    vendor.says(stream(b": welcome\n\n", events(1), b":heartbeat\n\n"))

    with Line(ACCOUNTS.feed, since="0" * 26, silence=5) as live:
        heard = [each for batch in live.batches() for each in batch]
    with Line(ACCOUNTS.feed, since="0" * 26, until="7" * 26) as bounded:
        bounded_heard = [each for batch in bounded.batches() for each in batch]

    assert [each.is_caught_up for each in heard] == [False, False, True]
    assert not any(each.is_caught_up for each in bounded_heard)


def test_a_full_buffer_ends_the_reading_and_what_was_read_is_handed_on(vendor: Vendor) -> None:
    vendor.says(stream(events(100)))

    with Line(ACCOUNTS.feed, since="0" * 26, silence=5, room=20 * listening.OVERHEAD) as line:
        eventually(lambda: line._is_over)
        heard: list[str] = []
        with pytest.raises(BufferFull):
            heard.extend(all_of(line))

    assert 5 < len(heard) < 20


def test_hanging_up_ends_a_reader_that_waits_for_the_socket(vendor: Vendor) -> None:
    said = b": welcome\n\n"
    vendor.says(silence(EVENT_STREAM + b"%x\r\n%b\r\n" % (len(said), said)))
    before = set(threading.enumerate())

    with Line(ACCOUNTS.feed, since="0" * 26, silence=60) as line:
        next(all_of(line))
        (reader,) = [each for each in threading.enumerate() if each not in before and "reader" in each.name]

    reader.join(timeout=5)
    assert not reader.is_alive()


def test_nothing_is_lost_where_the_buffer_is_too_small(ada: BrokerageAccount, vendor: Vendor) -> None:
    said = events(60)
    vendor.says(NOTHING, stream(b": welcome\n\n", said), stream(said), NOTHING)
    follower = Follower(
        stream=ACCOUNTS, holder="us", stopped=lambda: follower.rounds > 2, silence=5, room=50 * listening.OVERHEAD
    )

    with suppress(Stopped):
        follower.run(pause=lambda wait: None)
    Follower(stream=ACCOUNTS, holder="us").read_once()

    assert StreamEvent.objects.count() == 60
    assert set(StreamEvent.objects.values_list("state", flat=True)) == {DONE}


def test_the_reader_reads_on_while_acting_is_held_up(ada: BrokerageAccount, vendor: Vendor) -> None:
    """The first event is acted on until the broker has got rid of the last; no socket's buffer holds 13 megabytes."""
    said, acted = [event(number, "APPROVED", reason="x" * 64_000) for number in range(200)], list[str]()
    is_said = threading.Event()

    def say(connection: socket.socket) -> None:
        stream(b": welcome\n\n", *said)(connection)
        is_said.set()

    def act(body: str) -> Acted:
        assert is_said.wait(30), "the reader waits for us"
        acted.append(body)
        return ACCOUNTS.act(body)

    vendor.says(NOTHING, say, NOTHING)
    follower = Follower(
        stream=replace(ACCOUNTS, act=act), holder="us", stopped=lambda: len(acted) >= len(said), silence=30
    )
    with suppress(Stopped):
        follower.run(pause=lambda wait: None)

    assert StreamEvent.objects.count() == 200
    assert len(set(acted)) == len(acted) == 200
    assert len(vendor.asked) == 2  # nothing had to be read again


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_loses_nothing(ada: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(stream(events(3)), NOTHING)
    faults = [OperationalError("database is locked")] * 2

    def act(body: str) -> Acted:
        if faults:
            raise faults.pop()
        return ACCOUNTS.act(body)

    follower = Follower(stream=replace(ACCOUNTS, act=act), holder="us", stopped=lambda: follower.rounds > 3, silence=5)
    with suppress(Stopped):
        follower.run(pause=lambda wait: None)

    assert [row.state for row in StreamEvent.objects.all()] == [DONE] * 3
    assert set(StreamEvent.objects.values_list("tries", flat=True)) == {1}  # the fault was no event's


def test_it_stops_within_seconds_while_nothing_comes(ada: BrokerageAccount, vendor: Vendor) -> None:
    said = b": welcome\n\n"
    vendor.says(NOTHING, silence(EVENT_STREAM + b"%x\r\n%b\r\n" % (len(said), said)))
    stop, asked_at = threading.Event(), list[float]()

    def ask_to_stop() -> None:
        eventually(lambda: len(vendor.asked) == 2, 20)
        asked_at.append(time.monotonic())
        stop.set()

    threading.Thread(target=ask_to_stop).start()
    with pytest.raises(Stopped):
        Follower(stream=ACCOUNTS, holder="us", stopped=stop.is_set, silence=60).run(pause=lambda wait: None)

    assert time.monotonic() - asked_at[0] < 5
    assert StreamCursor.objects.get().heard_at

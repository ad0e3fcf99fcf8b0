"""A stream that stays open: news as it comes, signs of life, silence, and what the broker says it left out."""

import json
from itertools import pairwise
from typing import Any

import pytest

from brokerage.gateways.broker_streams import EVENTS_LOST
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, patience
from tests.brokerage.gateways import streams
from tests.brokerage.gateways.vendor import EVENT_STREAM, Vendor, answer, message, silence, stream, trickle

FROM = "0" * 26


def event(number: int, **more: Any) -> bytes:
    return b"data: %b\n\n" % json.dumps({"event_ulid": f"{number:026}", "account_id": f"a{number}", **more}).encode()


def live(seconds: int = 5) -> list[str]:
    """Read until the broker ends it; return the accounts told of, and a dash for a sign of life."""
    found = streams.account_events_live(since=FROM, silence=seconds)
    return [each.account_id if each else "-" for each in found]


def test_a_live_stream_has_a_beginning_and_no_end(vendor: Vendor) -> None:
    vendor.says(stream(b": welcome\n\n", event(1), b":heartbeat\n\n", event(2)))

    assert live() == ["-", "a1", "-", "a2"]
    assert vendor.asked[0].path == "/v1/events/accounts/status"
    assert vendor.asked[0].query == {"since_ulid": FROM}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 11])
def test_a_live_stream_is_the_same_wherever_it_is_split(vendor: Vendor, size: int) -> None:
    sent = b": welcome\r\n\r\n" + event(1, account_number="Å…") + b":heartbeat\n\n" + event(2)
    places = [*range(0, len(sent), size), len(sent)]
    vendor.says(stream(*(sent[a:b] for a, b in pairwise(places))))

    assert live() == ["-", "a1", "-", "a2"]


def test_an_event_brings_all_that_was_said(vendor: Vendor) -> None:
    vendor.says(stream(event(1, crypto_status_to="ACTIVE")))

    (one,) = streams.account_events_live(since=FROM, silence=5)

    assert one is not None
    assert one.raw["crypto_status_to"] == "ACTIVE"
    assert "crypto" not in repr(one)


def test_heartbeats_keep_a_live_stream_alive_past_the_callers_patience(vendor: Vendor) -> None:
    vendor.says(trickle(EVENT_STREAM, b"6\r\n:beat\n\r\n"))

    with patience(1):
        beats = streams.account_events_live(since=FROM, silence=5)

        assert [next(beats) for _ in range(8)] == [None] * 8


def test_a_live_stream_that_falls_silent_is_given_up(vendor: Vendor) -> None:
    vendor.says(silence(EVENT_STREAM + b"7\r\n:beat\n\n\r\n"))

    with pytest.raises(OutcomeUnknown):
        live(1)


def test_bytes_without_a_line_are_silence(vendor: Vendor) -> None:
    vendor.says(trickle(EVENT_STREAM, b"1\r\nx\r\n"))

    with pytest.raises(OutcomeUnknown, match="tells nothing"):
        live(1)


@pytest.mark.parametrize("comment", [b": too slow, dropped 12 messages\n\n", b": internal server error\n\n"])
def test_a_loss_is_told_apart_from_other_ends(vendor: Vendor, comment: bytes) -> None:
    vendor.says(stream(event(1), comment, event(2)))

    with pytest.raises(OutcomeUnknown) as lost:
        live()

    assert lost.value.code == EVENTS_LOST


@pytest.mark.parametrize("status", [401, 403, 410])
def test_a_live_stream_may_be_refused(vendor: Vendor, status: int) -> None:
    vendor.says(answer(status, {"code": status * 100_000, "message": "no"}))

    with pytest.raises(Refused) as refusal:
        live()

    assert refusal.value.http_status == status


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"X-RateLimit-Reset": "100"}, 0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_from_the_answer(vendor: Vendor, headers: dict[str, str], seconds: int | None) -> None:
    head, _, body = message(429, {"code": 42910000, "message": "slow"}).partition(b"\r\n\r\n")
    lines = "".join(f"\r\n{name}: {value}" for name, value in headers.items()).encode()
    vendor.says(lambda connection: connection.sendall(head + lines + b"\r\n\r\n" + body))

    with pytest.raises(NotSent) as later:
        live()

    assert later.value.retry_after == seconds

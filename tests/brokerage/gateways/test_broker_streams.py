"""Reading an event stream: whole events only, and never a quiet end where something may be missing."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from brokerage.gateways import broker_streams
from brokerage.gateways.broker_answers import FundingEvent
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, patience
from tests.brokerage.gateways import streams
from tests.brokerage.gateways.vendor import EVENT_STREAM, Vendor, answer, cut, message, stream, trickle

FROM, UNTIL = "0" * 26, "1" * 26


def event(number: int, **more: Any) -> dict[str, Any]:
    return {"event_id": f"{number:026}", "entity_type": "Transfer", "entity_id": f"t{number}", **more}


def frames(*events: dict[str, Any], end: str = "\n") -> bytes:
    return "".join(f"data: {json.dumps(each, ensure_ascii=False)}{end}{end}" for each in events).encode()


def read() -> list[FundingEvent]:
    return streams.funding_events(since=FROM, until=UNTIL)


def numbers(events: list[FundingEvent]) -> list[str]:
    return [each.entity_id for each in events]


def test_a_stream_is_asked_for_between_two_ulids(vendor: Vendor) -> None:
    vendor.says(stream(frames(event(1, status_to="complete", reason="R01 – oh"))))

    (one,) = read()

    assert (one.entity_id, one.status, one.reason) == ("t1", "COMPLETE", "R01 – oh")
    assert vendor.asked[0].path == "/v2/events/funding/status"
    assert vendor.asked[0].query == {"since_id": FROM, "until_id": UNTIL}


STREAM = b": welcome\n\n" + frames(event(1), event(2, reason="Å\u2028\u0085…")) + b":heartbeat\n\n" + frames(event(3))


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12))
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_events_are_the_same_wherever_the_stream_is_split(vendor: Vendor, end: bytes, cuts: list[int]) -> None:
    sent = STREAM.replace(b"\n", end)
    places = sorted({0, *cuts, len(sent)})
    vendor.says(stream(*(sent[a:b] for a, b in pairwise(places))))

    events = read()

    assert numbers(events) == ["t1", "t2", "t3"]
    assert events[1].reason == "Å\u2028\u0085…"


def test_an_event_may_come_on_several_lines(vendor: Vendor) -> None:
    vendor.says(stream(b'event: message\nid: 7\ndata: {"entity_id":\ndata: "t1"}\nretry: 5\n\n', b"\n\n"))

    assert numbers(read()) == ["t1"]


def test_a_stream_of_bytes_one_by_one_is_read(vendor: Vendor) -> None:
    sent = frames(event(1), end="\r\n")
    vendor.says(stream(*(sent[place : place + 1] for place in range(len(sent)))))

    assert numbers(read()) == ["t1"]


@pytest.mark.parametrize(
    "comment", [b": you are reading too slowly, dropped 12 messages\n\n", b": internal server error\n\n"]
)
def test_a_comment_that_tells_of_a_loss_ends_the_reading(vendor: Vendor, comment: bytes) -> None:
    vendor.says(stream(frames(event(1)), comment, frames(event(2))))

    with pytest.raises(OutcomeUnknown, match="lost events"):
        read()


@pytest.mark.parametrize("rest", [b'data: {"entity_id": "t2"}', b'data: {"entity_id": "t2"}\n', b"da"])
@pytest.mark.parametrize("end", [True, False], ids=["closed", "broken off"])
def test_half_an_event_at_the_end_is_no_event_and_no_end(vendor: Vendor, rest: bytes, end: bool) -> None:
    vendor.says(stream(frames(event(1)), rest, end=end))
    events = broker_streams.listen(broker_streams.FUNDING, since=FROM, until=UNTIL)

    assert (first := next(events))
    assert first.entity_id == "t1"
    with pytest.raises(OutcomeUnknown):
        next(events)


@pytest.mark.parametrize("line", [b"data: {\n\n", b"data: <html>\n\n", b"data: " + b"[" * 100_000 + b"\n\n"])
def test_an_event_that_is_no_json_is_handed_on_as_such(vendor: Vendor, line: bytes) -> None:
    vendor.says(stream(line, frames(event(1))))

    first, second = broker_streams.listen(broker_streams.FUNDING, since=FROM, until=UNTIL)

    assert first
    assert second
    assert (first.is_garbled, first.body) == (True, line.decode()[6:-2])
    assert (second.is_garbled, second.entity_id) == (False, "t1")


def test_an_event_of_another_shape_is_passed_on_empty(vendor: Vendor) -> None:
    vendor.says(
        stream(b"data: [1, 2]\n\n", b"data: null\n\n", frames({"event_id": 5, "at": "noon", "status_to": None}))
    )

    assert [(each.event_id, each.status, each.at) for each in read()] == [("", "", None)] * 3


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_stream_that_is_refused_says_so(vendor: Vendor, status: int) -> None:
    vendor.says(answer(status, {"code": 41010000, "message": "this endpoint is retired"}))

    with pytest.raises(Refused) as refusal:
        read()

    assert refusal.value.http_status == status


def test_too_many_streams_have_to_wait(vendor: Vendor) -> None:
    vendor.says(answer(429, {"code": 42910000, "message": "too many requests"}))

    with pytest.raises(NotSent):
        read()


@pytest.mark.parametrize("body", ["<html>Sign in to this network</html>", "", {"events": []}])
def test_a_page_in_the_place_of_a_stream_is_not_taken_for_no_news(vendor: Vendor, body: Any) -> None:
    vendor.says(answer(200, body))

    with pytest.raises(OutcomeUnknown):
        read()


def test_a_stream_without_news_ends_quietly(vendor: Vendor) -> None:
    vendor.says(stream(b": welcome\n\n:heartbeat\n\n"))

    assert read() == []


def test_a_stream_that_falls_silent_is_given_up(vendor: Vendor) -> None:
    vendor.says(trickle(EVENT_STREAM + b"6\r\n:beat\n\r\n", b"", every=60))

    with pytest.raises(OutcomeUnknown), patience(1):
        read()


@pytest.mark.slow
def test_a_stream_that_only_beats_its_heart_is_given_up(vendor: Vendor) -> None:
    vendor.says(trickle(EVENT_STREAM, b"6\r\n:beat\n\r\n"))

    with pytest.raises(OutcomeUnknown, match="tells nothing"), patience(1):
        read()


def test_a_line_without_end_is_not_kept_in_memory(vendor: Vendor) -> None:
    vendor.says(stream(b"data: " + b"x" * 3 * 1024 * 1024))

    with pytest.raises(OutcomeUnknown, match="1 MiB"):
        read()


def test_a_reading_stops_after_so_many_events(vendor: Vendor) -> None:
    vendor.says(stream(frames(*(event(number) for number in range(broker_streams.MAX_EVENTS + 20)))))

    assert len(read()) == broker_streams.MAX_EVENTS


def test_a_stream_that_breaks_off_in_its_head_is_unknown(vendor: Vendor) -> None:
    vendor.says(cut(message(200, b"", "text/event-stream")[:40]))

    with pytest.raises(OutcomeUnknown):
        read()

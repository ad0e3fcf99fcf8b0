"""The reader of event streams: whatever bytes come, in whatever pieces, it reads the same or gives up in its own way.

stream_corpus holds bytes that once mattered, each with what is to be read from it.
"""

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3 import BaseHTTPResponse

from brokerage.gateways import broker_streams, event_stream
from brokerage.gateways.errors import OutcomeUnknown, VendorError
from brokerage.gateways.wire_client import stream_lines
from tests.brokerage.gateways.vendor import Vendor, stream

CORPUS = sorted(Path(__file__).with_name("stream_corpus").glob("*.bytes"))
MIB = 1024 * 1024


@dataclass
class Answer:
    """Stand for an answer whose body comes in these pieces."""

    pieces: list[bytes]

    def read1(self, size: int, decode_content: bool) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""


Read = tuple[list[str | None], str]


def read(pieces: Iterable[bytes]) -> Read:
    """Return what is read, and how that ended: quietly, or with which words of the gateway."""
    answer = Answer([piece for piece in pieces if piece])
    found: list[str | None] = []
    try:
        lines = stream_lines(cast(BaseHTTPResponse, answer), what="GET")
        found.extend(event_stream.events(lines, what="GET"))
    except OutcomeUnknown as fault:
        return found, fault.what.removeprefix("GET: ")
    return found, ""


def cut(sent: bytes, places: Iterable[int]) -> list[bytes]:
    return [sent[a:b] for a, b in pairwise(sorted({0, *places, len(sent)}))]


@pytest.fixture(params=CORPUS, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> tuple[bytes, Read]:
    path: Path = request.param
    wanted: dict[str, Any] = json.loads(path.with_suffix(".json").read_text())
    return path.read_bytes(), (wanted["events"], wanted["error"])


def test_what_is_kept_is_read_as_it_was(case: tuple[bytes, Read]) -> None:
    sent, wanted = case

    assert read([sent]) == wanted


def test_no_split_changes_what_is_read(case: tuple[bytes, Read]) -> None:
    sent, wanted = case

    assert all(read(cut(sent, [place])) == wanted for place in range(len(sent)))
    assert read(cut(sent, range(len(sent)))) == wanted


def test_over_a_socket_it_is_events_or_an_error_of_the_gateways(case: tuple[bytes, Read], vendor: Vendor) -> None:
    sent, (events, error) = case
    vendor.says(stream(*cut(sent, range(0, len(sent), 7))))
    found: list[str | None] = []

    try:
        for said in broker_streams.listen(broker_streams.FUNDING, since="0" * 26, until="1" * 26):
            found.append(said.body if said else None)
        ended = ""
    except VendorError as fault:
        ended = fault.what.removeprefix("GET: ")

    assert (found, ended) == (events, error)


# Bytes that mean something, or nothing, in any order.
WORDS = st.sampled_from(
    [
        *(b"data:", b"data: ", b"data", b":", b": welcome", b":heartbeat", b": dropped 3", b"event: x", b"id: 1"),
        *(b"\n", b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xff", b"\x00", b"\xe2\x80"),
        *(b"<html>", b" ", b"{}", b'{"event_id": "01"}', b"[" * 50, b"retry: 5", "Å\u2028".encode()),
    ]
)


@settings(max_examples=300, deadline=None)
@given(words=st.lists(WORDS | st.binary(max_size=6), max_size=40), data=st.data())
def test_whatever_comes_is_read_alike_in_any_pieces(words: list[bytes], data: st.DataObject) -> None:
    sent = b"".join(words)
    places = data.draw(st.lists(st.integers(0, len(sent)), max_size=20))

    assert read(cut(sent, places)) == read([sent])


@settings(max_examples=200, deadline=None)
@given(body=st.text(max_size=60) | st.recursive(st.none() | st.integers(), st.lists, max_leaves=20).map(json.dumps))
def test_what_an_event_says_is_an_event_or_marked_as_none(body: str) -> None:
    said = broker_streams.said(broker_streams.FUNDING, body)

    assert said.body == body
    if said.is_garbled:
        with pytest.raises((ValueError, RecursionError)):
            broker_streams.funding_event(body)
    else:
        assert broker_streams.funding_event(body).event_id == said.event_id


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n\r\n"], ids=["endless", "line", "event"])
@pytest.mark.parametrize("before", [b"data: ", b": ", b"unknown: "])
def test_a_line_of_two_mebibytes_is_given_up_wherever_it_is_split(before: bytes, end: bytes) -> None:
    sent = b'data: {"event_id":"01"}\n\n' + before + b"x" * (2 * MIB) + end
    chance = random.Random(7)  # noqa: S311
    wanted = (['{"event_id":"01"}'], "a line is longer than 1 MiB")

    assert read([sent]) == wanted
    assert read(cut(sent, range(0, len(sent), 64 * 1024))) == wanted
    assert all(read(cut(sent, chance.sample(range(len(sent)), 30))) == wanted for _ in range(5))


def test_an_event_of_many_lines_has_an_end_too() -> None:
    sent = b"data: xxxxxxxx\n" * (MIB // 8)

    assert read(cut(sent, range(0, len(sent), 64 * 1024))) == ([], "an event is longer than 1 MiB")


def test_a_line_of_just_a_mebibyte_is_read() -> None:
    body = "x" * (MIB - 6)

    assert read([b"data: " + body.encode() + b"\n\n"]) == ([body], "")

"""The event streams: one event a change, ids that only grow, history by cursor, and an end when one was asked for."""

import itertools
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from brokerage.sandbox.broker.events import first_ulid_at
from tests.brokerage.sandbox.bench import KEYS, Bench

FUNDING = "v2/events/funding/status"
ACCOUNTS = "v1/events/accounts/status"
START = "0" * 26


def lines(bench: Bench, path: str, **query: str) -> list[str]:
    """Everything a stream says until it ends."""
    answer = bench.broker("GET", path, params=query)
    assert answer.status_code == 200, answer.text
    return [line for line in answer.text.split("\n") if line]


def events(bench: Bench, path: str, **query: str) -> list[Any]:
    return [json.loads(line.removeprefix("data: ")) for line in lines(bench, path, **query) if line.startswith("data:")]


def now(bench: Bench) -> str:
    """An id greater than that of every event so far, no later than the sandbox's present."""
    moment = bench.state()["clock"]["now"]
    bench.pass_time(0.002)
    return first_ulid_at(time_of(moment) + 0.001)


def time_of(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


def test_every_change_is_told_once_and_in_order(bench: Bench, account: str, relationship: str) -> None:
    transfer_id = bench.transfer(account, relationship, "5.00").json()["id"]
    bench.pass_time(60)
    bench.control(f"transfers/{transfer_id}", action="return", code="R01")

    told = events(bench, FUNDING, since_id=START, until_id=now(bench))

    of_transfer = [(event["status_from"], event["status_to"]) for event in told if event["entity_id"] == transfer_id]
    assert of_transfer == [
        (None, "QUEUED"),
        ("QUEUED", "SENT_TO_CLEARING"),
        ("SENT_TO_CLEARING", "COMPLETE"),
        ("COMPLETE", "RETURNED"),
    ]
    ids = [event["event_id"] for event in told]
    assert all(earlier < later for earlier, later in itertools.pairwise(ids))
    assert told[-1]["reason"] == "R01 - Insufficient Funds"
    assert {event["entity_type"] for event in told} == {"Transfer", "BankRelationship"}


def test_an_account_begins_from_nothing(bench: Bench) -> None:
    account_id = bench.open_account(active=False)
    bench.pass_time(60)

    told = events(bench, ACCOUNTS, since_ulid=START, until_ulid=now(bench))

    mine = [event for event in told if event["account_id"] == account_id]
    changes = [(event["status_from"], event["status_to"]) for event in mine]
    assert changes == [("", "SUBMITTED"), ("SUBMITTED", "APPROVED"), ("APPROVED", "ACTIVE")]
    assert "event_ulid" in mine[0]


def test_a_cursor_resumes_after_the_event_it_names(bench: Bench, account: str, relationship: str) -> None:
    bench.transfer(account, relationship, "5.00")
    bench.pass_time(60)
    everything = events(bench, FUNDING, since_id=START, until_id=now(bench))

    rest = events(bench, FUNDING, since_id=everything[1]["event_id"], until_id=now(bench))
    to_third = events(bench, FUNDING, since_id=START, until_id=everything[2]["event_id"])

    assert rest == everything[2:]
    assert to_third == everything[:3]


def test_days_are_whole(bench: Bench, account: str, relationship: str) -> None:
    today = bench.state()["clock"]["now"][:10]
    bench.pass_time(2 * 86_400)

    told = events(bench, FUNDING, since=today, until=today)
    before = events(bench, FUNDING, since="2020-01-01", until="2020-01-02")

    assert [event["entity_id"] for event in told] == [relationship, relationship]
    assert before == []


def test_a_heartbeat_follows_the_history(bench: Bench, relationship: str) -> None:
    ulid = first_ulid_at(time_of(bench.state()["clock"]["now"]) + 3600)
    with opened(bench, since_id=START, until_id=ulid) as answer:
        said = list(itertools.islice(answer.iter_lines(), 8))

    assert said[0].startswith(b":")
    assert [line.startswith(b"data:") for line in said if line][1:3] == [True, True]
    assert b":heartbeat" in said


def test_without_a_cursor_only_news_is_told(bench: Bench, account: str, relationship: str) -> None:
    with opened(bench) as answer:
        said = answer.iter_lines()
        wait_for(said, b":heartbeat")
        transfer_id = bench.transfer(account, relationship, "5.00").json()["id"]
        first = json.loads(wait_for(said, b"data:").removeprefix(b"data: "))

    assert first["entity_id"] == transfer_id


def test_a_stream_ends_when_the_clock_passes_its_end(bench: Bench) -> None:
    ulid = first_ulid_at(time_of(bench.state()["clock"]["now"]) + 3600)
    ended = threading.Event()

    def read() -> None:
        events(Bench(bench.url), FUNDING, since_id=START, until_id=ulid)
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    early = ended.wait(0.2)
    bench.pass_time(3601)

    assert not early
    assert ended.wait(5)


def test_the_present_as_end_is_answered_at_once(bench: Bench, relationship: str) -> None:
    bench.control("clock", freeze=False)
    started = time.monotonic()

    told = events(bench, FUNDING, since_id=START, until_id=first_ulid_at(time.time()))

    assert len(told) == 2
    assert time.monotonic() - started < 5


def test_silenced_streams_lose_the_news(bench: Bench, account: str) -> None:
    bench.control("settings", emit_events=False)
    bench.link(account)

    assert events(bench, FUNDING, since_id=START, until_id=now(bench)) == []


@pytest.mark.parametrize(
    "query",
    [
        {"until_id": START},
        {"until": "2026-01-01"},
        {"since": "2026-01-01", "since_id": START},
        {"since_id": "not-a-ulid", "until_id": START},
        {"since": "2026-01-01T00:00:00Z"},
    ],
)
def test_a_range_that_makes_no_sense_is_refused(bench: Bench, query: dict[str, str]) -> None:
    answer = bench.broker("GET", FUNDING, params=query)

    assert (answer.status_code, answer.json()["code"]) == (400, 40010001)


def test_the_old_stream_is_retired(bench: Bench) -> None:
    assert bench.broker("GET", "v1/events/transfers/status").status_code == 410


def test_streams_are_counted(bench: Bench) -> None:
    bench.control("settings", max_streams=1)
    with opened(bench) as answer:
        wait_for(answer.iter_lines(), b":heartbeat")
        second = bench.broker("GET", FUNDING).status_code

    assert second == 429


def test_a_stream_ends_when_the_books_are_begun_anew(bench: Bench, account: str) -> None:
    with opened(bench) as answer:
        said = answer.iter_lines()
        wait_for(said, b":heartbeat")
        bench.control("reset")
        bench.control("settings", heartbeat_seconds=0.01)
        remaining = list(said)

    assert not [line for line in remaining if line.startswith(b"data:")]


def opened(bench: Bench, **query: str) -> requests.Response:
    return requests.get(f"{bench.url}/broker/{FUNDING}", params=query, auth=KEYS, stream=True, timeout=5)


def wait_for(said: Iterator[bytes], start: bytes) -> bytes:
    return next(line for line in said if line.startswith(start))

"""Thousands of events over a line that breaks, repeats itself and loses some: each is kept once and acted on once.

STREAMS=all sends ten thousand over two hundred breaks, and prints how long that takes.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerageAccount, StreamCursor, StreamEvent
from accounts.models.streams import DONE
from accounts.operations.account_stream import ACCOUNTS
from accounts.operations.following import Follower, Stopped
from accounts.operations.streams import Acted, Stream
from brokerage import ulid
from funding import states
from funding.models import Transfer
from funding.operations.funding_stream import FUNDING
from tests import make
from tests.journeys.storms import Storm, raging

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

ALL = os.environ.get("STREAMS") == "all"
EVENTS, BREAKS, LOSSES = (10_000, 200, 20) if ALL else (300, 10, 3)
# So many are said before the first of them has to be acted on.
AHEAD = 30
SEED = 4

STATUSES = ["APPROVED", "ACTIVE", "ACCOUNT_UPDATED"]
STEPS = [states.QUEUED, states.APPROVAL_PENDING, "APPROVED", states.SENT_TO_CLEARING, states.COMPLETE]
Bodies = list[dict[str, Any]]


def of_accounts() -> Bodies:
    """Return news of accounts that are opened, and blocked and unblocked ever since."""
    ids = [
        make.account(make.user(f"{n}@example.com"), status="SUBMITTED", alpaca_id=f"a{n}").alpaca_id for n in range(20)
    ]
    told: Bodies = [{"account_id": each, "status_to": status} for status in STATUSES for each in ids]
    flags = cycle({"account_id": each, "account_blocked": stands} for stands in (True, False) for each in ids)
    return [*told, *islice(flags, EVENTS - len(told))]


def of_transfers() -> Bodies:
    """Return news of deposits that settle, step by step, many at a time."""
    bank = make.relationship(make.account(make.user(), alpaca_id="ada"))
    ids = [make.transfer(bank, alpaca_id=f"t{n}").alpaca_id for n in range(EVENTS // len(STEPS))]
    about = {"account_id": "ada", "entity_type": "Transfer"}
    return [{**about, "entity_id": each, "status_to": step} for step in STEPS for each in ids]


def accounts_have_arrived() -> bool:
    return set(BrokerageAccount.objects.values_list("status", flat=True)) == {"ACCOUNT_UPDATED"}


def transfers_have_arrived() -> bool:
    return set(Transfer.objects.values_list("status", flat=True)) == {states.COMPLETE}


def nothing_else(stream: Stream, acted: list[str]) -> Stream:
    """Return the stream without what asks the broker; what it acts on is noted."""

    def act(body: str) -> Acted:
        acted.append(body)
        return stream.act(body)

    return replace(stream, act=act, after=lambda acted, checkpoint: None, sweep=lambda checkpoint: iter(()))


@pytest.mark.parametrize(
    ("stream", "bodies", "have_arrived"),
    [(ACCOUNTS, of_accounts, accounts_have_arrived), (FUNDING, of_transfers, transfers_have_arrived)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_of_a_stormy_stream_nothing_is_lost_and_nothing_doubled(
    stream: Stream,
    bodies: Callable[[], Bodies],
    have_arrived: Callable[[], bool],
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told, acted = bodies(), list[str]()
    places = random.Random(SEED).sample(range(EVENTS), BREAKS + LOSSES)  # noqa: S311
    storm = Storm(stream.feed.event_id, set(places[:BREAKS]), set(places[BREAKS:]), SEED)

    quiet = nothing_else(stream, acted)
    behind = threading.Semaphore(AHEAD)

    def speak() -> None:
        for body in told:
            behind.acquire()
            storm.say(body)

    with raging(storm):
        settings.BROKER_BASE_URL = storm.url
        began = time.monotonic()
        speaker = threading.Thread(target=speak)
        speaker.start()
        follower = Follower(
            stream=quiet,
            holder="a test",
            tell=lambda *told: behind.release(),
            stopped=lambda: len(acted) >= EVENTS,
            silence=5,
        )
        with suppress(Stopped):
            follower.run(pause=lambda wait: None)
        speaker.join()
        took = time.monotonic() - began
        # All that was ever said, once more.
        StreamCursor.objects.update(ulid=ulid.first_at(timezone.now() - timedelta(days=1)))
        assert Follower(stream=quiet, holder="another").read_once() >= EVENTS

    assert (storm.broken, storm.losses) == (BREAKS, LOSSES)
    assert storm.repeated > EVENTS // 40
    assert sorted(StreamEvent.objects.values_list("event_id", flat=True)) == sorted(name for name, _ in storm.said)
    assert set(StreamEvent.objects.values_list("state", flat=True)) == {DONE}
    assert set(Counter(acted).values()) == {1}
    assert have_arrived()
    if ALL:
        with capsys.disabled():
            print(f"{stream.name}: {EVENTS} events, {storm.connections} connections, {took:.1f} s")  # noqa: T201

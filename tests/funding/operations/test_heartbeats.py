"""A worker's sign of life."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from funding.models import Schedule, Worker
from funding.operations import heartbeats, schedules
from funding.operations.heartbeats import STUCK_AFTER, Doing, Pulse
from tests.harness.waiting import eventually

pytestmark = pytest.mark.django_db
NOBODY = 2**22 + 7  # no process has a number as high


def pulse(doing: Doing | None = None) -> Pulse:
    return Pulse(name="worker of a test", doing=doing or Doing())


def silent(pid: int = NOBODY, *, for_hours: int = 1, **more: Any) -> Worker:
    beat_at = timezone.now() - timedelta(hours=for_hours)
    return Worker.objects.create(**{"name": "w", "host": heartbeats._host(), "pid": pid, "beat_at": beat_at} | more)


def test_a_beat_says_what_is_done_and_what_went_wrong() -> None:
    doing = Doing()
    begun = pulse(doing)
    begun.begin()
    doing.rounds = 7

    with suppress(KeyError), doing.now("sweep"):
        begun.beat()
        assert Worker.objects.get().doing == "sweep"
        raise KeyError("a value that must not be told")
    begun.beat()

    row = Worker.objects.get()
    assert (row.doing, row.rounds, row.error) == ("", 7, "sweep: KeyError")
    assert row.error_at is not None
    assert row.is_alive


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 3, 2, 15, tzinfo=UTC), tick=False) as clock:
        yield clock


def test_a_thread_that_takes_no_step_is_stuck_until_it_does(
    clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    doing = Doing()
    begun, rounds, slow = pulse(doing), doing.steps("rounds"), doing.steps("slow", within=2 * STUCK_AFTER)
    begun.begin()
    doing.end_round()

    def told(after: timedelta = timedelta()) -> tuple[str, datetime | None]:
        clock.shift(after)
        begun.beat()
        row = Worker.objects.get()
        assert row.is_alive
        assert Worker.objects.stuck().exists() == bool(row.stuck)
        return row.stuck, row.stuck_since

    began_at = timezone.now()
    assert told(STUCK_AFTER) == ("", None)
    assert told(timedelta(seconds=1)) == told() == ("rounds", began_at)
    assert Worker.objects.get().round_at == began_at

    rounds.take()
    assert told() == ("", None)
    assert told(STUCK_AFTER) == ("slow", began_at)
    slow.take()
    assert told() == ("", None)
    assert [record.message.split(" (")[0] for record in caplog.records] == [
        "worker: stuck: rounds",
        "worker: stuck: slow",
    ]


@pytest.mark.parametrize(("thread", "kept"), [("rounds", True), *((name, False) for name in schedules.THREADS)])
def test_what_a_thread_that_is_stuck_has_begun_goes_to_another_worker(
    clock: time_machine.Traveller, thread: str, kept: bool
) -> None:
    now = timezone.now()
    Schedule.objects.create(name="x", done_at=now, holder="worker of a test", held_until=now)
    doing = Doing()
    doing.steps(thread)
    begun = pulse(doing)
    begun.begin()
    clock.shift(STUCK_AFTER + timedelta(seconds=1))

    begun.beat()

    assert Schedule.objects.filter(held_until__gt=timezone.now()).exists() == kept


def test_within_another_it_goes_back_to_what_was_done_before() -> None:
    doing = Doing()

    with doing.now("round"):
        with doing.now("brake"):
            assert str(doing) == "brake"
        assert str(doing) == "round"


def test_it_keeps_what_its_worker_has_begun() -> None:
    Schedule.objects.create(name="x", done_at=timezone.now(), holder="worker of a test", held_until=timezone.now())
    begun = pulse()
    begun.begin()

    begun.beat()

    assert Schedule.objects.filter(held_until__gt=timezone.now() + timedelta(seconds=40)).exists()


def test_alive_is_who_was_heard_of_a_moment_ago() -> None:
    begun = pulse()
    begun.begin()
    assert (Worker.objects.alive().count(), Worker.objects.silent().count()) == (1, 0)

    Worker.objects.update(beat_at=timezone.now() - timedelta(seconds=46))
    assert (Worker.objects.alive().count(), Worker.objects.silent().count()) == (0, 1)

    begun.end()
    assert (Worker.objects.alive().count(), Worker.objects.silent().count()) == (0, 0)


@pytest.mark.parametrize(
    ("row", "ended"),
    [
        ({}, True),
        ({"pid": os.getpid()}, True),  # this process is another one, as in a container that was started again
        ({"pid": os.getppid()}, False),
        ({"pid": 1}, False),
        ({"host": "elsewhere"}, False),
        ({"for_hours": 0}, False),
    ],
    ids=["no such process", "our own number", "our parent", "the first of all", "another host", "not silent"],
)
def test_who_begins_says_that_the_dead_of_this_host_have_ended(row: dict[str, Any], ended: bool) -> None:
    before = silent(**row)

    pulse().begin()

    before.refresh_from_db()
    assert (before.stopped_at is not None, before.error == "found dead") == (ended, ended)


def test_the_dead_are_forgotten_after_a_week() -> None:
    silent(for_hours=24 * 7 + 1)
    kept = silent(for_hours=24 * 7 - 1)

    assert heartbeats.forget_old() == 1
    assert Worker.objects.get() == kept


@pytest.mark.django_db(transaction=True)
def test_it_beats_whatever_its_worker_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "BEAT_EVERY", timedelta(milliseconds=20))
    doing = Doing()

    with heartbeats.beating(pulse(doing)), doing.now("waits for a vendor"):
        began_at = Worker.objects.get().beat_at
        eventually(lambda: Worker.objects.filter(beat_at__gt=began_at, doing="waits for a vendor").exists())

    assert Worker.objects.get().stopped_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_beat_that_fails_is_not_the_last(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(heartbeats, "BEAT_EVERY", timedelta(milliseconds=20))
    faults = [OperationalError("the database is away")]

    class Doubtful(Pulse):
        def beat(self) -> None:
            if faults:
                raise faults.pop()
            super().beat()

    with heartbeats.beating(Doubtful(name="w", doing=Doing())):
        began_at = Worker.objects.get().beat_at
        eventually(lambda: Worker.objects.filter(beat_at__gt=began_at).exists())

    assert "no sign of life could be given (OperationalError)" in caplog.text

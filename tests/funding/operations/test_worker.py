"""A worker of which one thread hangs: its row goes on to be renewed, and says which one does not get on."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from funding import models as rows
from funding.operations import duties, heartbeats, schedules
from funding.operations.worker import Worker
from tests import make
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually

HANGS, GOES_ON = threading.Event(), threading.Event()


class HangingMail(BaseEmailBackend):
    """A mail server's library that comes back when it is let, and no sooner."""

    def send_messages(self, messages: object) -> int:
        HANGS.set()
        GOES_ON.wait(60)
        return 1


@contextmanager
def at_work() -> Iterator[Worker]:
    """Run a worker in a thread of its own until the block ends."""
    stop = threading.Event()
    worker = Worker(stop=stop)

    def run() -> None:
        try:
            worker.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield worker
    finally:
        GOES_ON.set()
        stop.set()
        thread.join(timeout=20)
    assert not thread.is_alive()


@pytest.fixture
def hanging_mail(settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.HangingMail"
    settings.WORKER_INTERVAL = 0.05
    HANGS.clear()
    GOES_ON.clear()


@pytest.mark.django_db(transaction=True)
def test_a_round_that_hangs_shows_while_the_row_is_renewed(
    sandbox: Sandbox,
    hanging_mail: None,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(heartbeats, "BEAT_EVERY", timedelta(milliseconds=20))

    with time_machine.travel(timezone.now()) as clock, at_work():
        eventually(lambda: rows.Worker.objects.exclude(round_at=None).exists(), 20)
        make.notice(make.user())
        assert HANGS.wait(20)
        eventually(lambda: rows.Worker.objects.filter(doing__contains="notices").exists())
        hung = rows.Worker.objects.get()

        clock.shift(heartbeats.STUCK_AFTER + timedelta(seconds=1))
        sandbox.post("/control/clock", advance_seconds=301)
        late = eventually(lambda: rows.Worker.objects.stuck().filter(stuck="rounds").first(), 20)
        assert late
        assert late.beat_at > hung.beat_at + heartbeats.STUCK_AFTER
        assert (late.rounds, late.round_at) == (hung.rounds, hung.round_at)
        last = client.get("/readyz?full").content.decode().splitlines()[-1]
        assert re.match(r"worker: seen \d s ago, a round done 3[01]\d s ago", last)
        assert last.endswith("stuck: rounds")

        GOES_ON.set()
        well = rows.Worker.objects.filter(rounds__gt=hung.rounds).exclude(stuck__contains="rounds")
        eventually(well.exists)

    assert any(
        each.levelname == "ERROR" and "stuck: " in each.message and "rounds" in each.message for each in caplog.records
    )


@pytest.mark.django_db(transaction=True)
def test_all_threads_of_one_that_is_well_get_on(sandbox: Sandbox, settings: Settings) -> None:
    settings.WORKER_INTERVAL = 0.05

    with at_work() as worker:
        begun_at = timezone.now()
        threads = {steps.thread: steps for steps in worker.doing._steps}
        eventually(lambda: len(worker.doing._steps) == 6, 20)
        assert {steps.thread for steps in worker.doing._steps} == {
            "rounds", "the dead", *schedules.THREADS, "accounts/status", "funding/status",
        }  # fmt: skip
        others = [steps for name, steps in threads.items() if name not in schedules.THREADS]
        eventually(lambda: all(steps.last_at > begun_at for steps in others), 20)


def test_each_schedule_has_one_thread_and_those_of_our_own_ask_nobody() -> None:
    assert set(duties.DUTIES) == {*duties.ASKING, *duties.OUR_OWN}
    assert len(duties.DUTIES) == len(duties.ASKING) + len(duties.OUR_OWN)
    assert {duty.name for duty in duties.OUR_OWN} >= {"brake", "purge"}

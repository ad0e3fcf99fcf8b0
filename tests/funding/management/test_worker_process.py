"""The worker as a process: what it does when it is told to stop, and what it leaves to the next one."""

import os
import signal
import socket
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import Lease
from accounts.operations import account_status
from funding import states
from funding.models import SendAttempt, Transfer, Worker
from tests import make
from tests.brokerage.test_machine_server import ask, free_port
from tests.funding.standing import OUT, everything_is_due, fault, open_customer, read_anew
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually
from tests.harness.workers import WorkerProcess, running_workers

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WITHIN = 20


def stopped(worker: WorkerProcess, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
    """Tell it to stop; return its exit code, and how many seconds it took."""
    began = time.monotonic()
    os.kill(worker.pid, number)
    code = worker.process.wait(timeout=30)
    return code, time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_that_has_nothing_in_hand_ends_at_once(sandbox: Sandbox, tmp_path: Path, number: signal.Signals) -> None:
    with running_workers(tmp_path, sandbox, 1) as [worker]:
        eventually(lambda: Lease.objects.filter(pk=account_status.STREAM).exists(), 20)
        eventually(lambda: Worker.objects.alive().exists(), 20)

        code, took = stopped(worker, number)

    assert (code, took < WITHIN) == (0, True), worker.said
    row = Worker.objects.get()
    assert row.stopped_at is not None
    assert row.pid == worker.pid
    assert not Lease.objects.exists()


def test_one_that_a_vendor_keeps_waiting_ends_and_the_next_one_does_not_send_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ada = open_customer(sandbox, cash="100.00")
    transfer = ada.ask("50.00", OUT)
    Transfer.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    fault(sandbox, "hang_after_commit", times=None, seconds=30)

    with running_workers(tmp_path, sandbox, 1) as [worker]:
        eventually(lambda: sandbox.get("/control/faults")[0]["fired"], 30)

        code, took = stopped(worker)

    assert (code, took < WITHIN) == (1, True), worker.said
    assert "left as it is" in worker.said
    assert "reserved" in worker.said
    assert read_anew(transfer).sending == states.SENDING
    assert Worker.objects.get().stopped_at is not None
    assert not Lease.objects.exists()

    SendAttempt.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with running_workers(tmp_path, sandbox, 1):
        eventually(lambda: read_anew(transfer).sending == states.ACCEPTED, 30)

    assert len(ada.at_the_broker()) == sandbox.get("/control/faults")[0]["fired"] == 1


def test_one_that_is_killed_is_silent_and_its_successor_says_that_it_ended(sandbox: Sandbox, tmp_path: Path) -> None:
    with running_workers(tmp_path, sandbox, 1) as [worker]:
        eventually(lambda: Worker.objects.alive().exists(), 20)
        worker.kill()
    Worker.objects.update(beat_at=timezone.now() - timedelta(minutes=1))
    assert [row.pid for row in Worker.objects.silent()] == [worker.pid]

    with running_workers(tmp_path, sandbox, 1):
        eventually(lambda: Worker.objects.alive().exists(), 20)

    assert not Worker.objects.silent().exists()
    assert Worker.objects.get(pid=worker.pid).error == "found dead"


def test_two_follow_a_stream_once_and_the_second_takes_it_over(sandbox: Sandbox, tmp_path: Path) -> None:
    with running_workers(tmp_path, sandbox, 2) as [one, other]:
        first = eventually(lambda: Lease.objects.filter(pk=account_status.STREAM).first(), 20)
        assert first
        leader, heir = (one, other) if f" {one.pid} " in first.holder else (other, one)

        stopped(leader)

        eventually(lambda: Lease.objects.filter(holder__contains=f" {heir.pid} ").exists(), 30)


def _told_with(series: str, port: int) -> str:
    _, text = ask(port, "/metrics")
    return text if series in text else ""


def test_one_on_a_machine_without_a_server_tells_what_it_counts_and_ends_all_the_same(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    port, folder = free_port(), tmp_path / "metrics"
    more = {"WORKER_METRICS_PORT": str(port), "METRICS_DIR": str(folder)}
    make.account(make.user())
    everything_is_due()

    with running_workers(tmp_path, sandbox, 1, **more) as [worker]:
        counted = 'brokerage_vendor_call_seconds_count{operation="'
        text = eventually(partial(_told_with, counted, port), 30)
        assert "brokerage_worker_round_seconds" in text
        assert ask(port, "/healthz") == (200, "ok\n")
        with socket.create_connection(("127.0.0.1", port)) as silent:
            silent.sendall(b"GET /metrics")

            code, took = stopped(worker)

    assert (code, took < WITHIN) == (0, True), worker.said

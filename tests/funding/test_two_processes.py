"""Two processes that find the same transfers waiting, and die over them."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from funding import states
from funding.models import SendAttempt, Transfer, TransferEvent
from funding.operations import transfers
from tests import make
from tests.funding.standing import fault, open_customer, read_anew
from tests.harness.environment import ROOT
from tests.harness.processes import environment
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually
from tests.harness.workers import WorkerProcess, running_workers, standing_still

CHILD = """
import sys, django
django.setup()
from funding.models import Transfer
from funding.operations import transfers
transfers.send(transfer=Transfer.objects.get(pk=sys.argv[1]), sender="a child")
"""


def child(transfer: Transfer, sandbox: Sandbox) -> "subprocess.Popen[bytes]":
    """Let another process send a transfer."""
    command = [sys.executable, "-c", CHILD, str(transfer.pk)]
    return subprocess.Popen(command, cwd=ROOT, env=environment(sandbox))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_processes_send_it_once(sandbox: Sandbox) -> None:
    ada = open_customer(sandbox)
    transfer = ada.ask("50.00")

    senders = [child(transfer, sandbox) for _ in range(2)]
    transfers.send(transfer=transfer, sender="and this one")
    codes = [sender.wait(timeout=60) for sender in senders]

    assert codes == [0, 0]
    assert read_anew(transfer).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 1


# --- Two workers, one of them killed again and again ------------------------------------------------------------------

# The short version; `make workers` says more. A short one does not wait for the leases of the dead: it lets them end.
TRANSFERS, KILLS = (int(os.environ.get(name, short)) for name, short in (("WORKERS", "40"), ("WORKERS_KILLED", "3")))
IS_SHORT = "WORKERS" not in os.environ
EACH = 5  # transfers of one customer, of which one at a time may be under way
ANSWERS_AFTER = 0.3  # seconds: so that the broker often has a request
TAKEN_OVER_WITHIN = timedelta(seconds=60)


@dataclass
class Killing:
    """Two workers over one pile of transfers, and what is known of the dead."""

    workers: list[WorkerProcess]
    folder: Path
    sandbox: Sandbox
    died_at: dict[int, datetime] = field(default_factory=dict)

    def strike(self) -> None:
        """Kill the worker that the broker keeps waiting, in the middle of its request, and start another one."""
        victim = eventually(self._kill_one_in_the_middle, 60)
        assert victim  # which `eventually` has waited for
        self.died_at[victim.pid] = timezone.now()
        self.workers.remove(victim)
        self.workers.append(WorkerProcess(self.folder, self.sandbox, **HASTE))
        if IS_SHORT:
            self._let_leases_end(victim)
        self.workers[-1].await_beginning()

    def _kill_one_in_the_middle(self) -> WorkerProcess | None:
        """Kill a worker whose request the broker has heard and whose answer is not written down, if there is one.

        All stand still while this is found out: nothing moves on between the look and the kill.
        """
        with standing_still(self.workers):
            for worker in self.workers:
                open_ones = SendAttempt.objects.filter(transfer__sending=states.SENDING)
                if open_ones.filter(sender__contains=f" {worker.pid} ").exists() and self._all_heard():
                    worker.kill()
                    return worker
        return None

    def _all_heard(self) -> bool:
        begun = SendAttempt.objects.count()
        return bool(self.sandbox.get("/control/faults")[0]["fired"] == begun)

    def _let_leases_end(self, victim: WorkerProcess) -> None:
        ended = timezone.now() - timedelta(seconds=1)
        SendAttempt.objects.filter(sender__contains=f" {victim.pid} ").update(lease_until=ended)

    def taken_over_after(self) -> list[timedelta]:
        """Return how long after each death somebody else called what was in the dead one's hands unknown."""
        found = TransferEvent.objects.filter(because="the sender died").select_related("row__attempt")
        return [event.at - self.died_at[int(event.row.attempt.sender.split()[-2])] for event in found]


HASTE = {"RISK_DEPOSITS_PER_DAY": "1000", "RISK_NEW_BANK_DAYS": "0", "LOG_LEVEL": "INFO"}


def pile_up(sandbox: Sandbox) -> None:
    """Reserve deposits of customers with approved banks, minutes ago, as servers that died have left them."""
    for number in range(TRANSFERS // EACH):
        customer = open_customer(sandbox, f"{number}@example.com")
        for each in range(EACH):
            amount = f"{10 + each}.{number % 100:02}"
            made_at = timezone.now() - timedelta(minutes=5)
            make.transfer(customer.relationship, amount, sending=states.RESERVED, created_at=made_at)


def settled() -> int:
    return Transfer.objects.filter(status=states.COMPLETE).count()


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_that_are_killed_send_each_once(
    sandbox: Sandbox, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    pile_up(sandbox)
    sandbox.post("/control/settings", profile="instant" if IS_SHORT else "fast")
    fault(sandbox, "slow", times=None, seconds=ANSWERS_AFTER)
    began_at = timezone.now()

    with running_workers(tmp_path, sandbox, 2, **HASTE) as workers:
        killing = Killing(workers, tmp_path, sandbox)
        for _ in range(KILLS):
            killing.strike()
        eventually(lambda: settled() == TRANSFERS, 60 if IS_SHORT else 1200, because="not all have settled")
    took = timezone.now() - began_at

    listed = sandbox.get("/control/state")["transfers"]
    assert len(listed) == len({row["id"] for row in listed}) == TRANSFERS
    assert {row["id"] for row in listed} == set(Transfer.objects.values_list("alpaca_id", flat=True))
    assert SendAttempt.objects.count() == sandbox.get("/control/faults")[0]["fired"] == TRANSFERS
    gaps = killing.taken_over_after()
    assert len(gaps) == KILLS
    assert IS_SHORT or max(gaps) < TAKEN_OVER_WITHIN
    told = f"{TRANSFERS} transfers, {KILLS} kills in the middle of a request, {took.seconds} s"
    after = "at once, their leases ended by hand" if IS_SHORT else f"after {max(gaps).seconds} s at the most"
    record_property("counted", f"{told}; what the dead held was taken over {after}")

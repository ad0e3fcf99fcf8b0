"""A process that dies while it sends leaves one transfer, or a certified none."""

import signal
import subprocess
import sys

import pytest

from funding import states
from funding.models import SendAttempt, Transfer
from funding.operations import transfers
from tests.funding.standing import fault, open_customer, read_anew, standing_still, work
from tests.harness.environment import ROOT
from tests.harness.processes import environment
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually

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
@pytest.mark.parametrize(("kind", "committed"), [("hang_after_commit", 1), ("hang_before_commit", 0)])
def test_a_sender_that_is_killed_leaves_one_or_a_certified_none(sandbox: Sandbox, kind: str, committed: int) -> None:
    ada = open_customer(sandbox)
    transfer = ada.ask("50.00")
    fault(sandbox, kind, seconds=30)
    process = child(transfer, sandbox)
    try:
        eventually(lambda: sandbox.get("/control/faults")[0]["fired"], 60)
        eventually(lambda: len(ada.at_the_broker()) == committed)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
    left = read_anew(transfer).sending

    with standing_still(sandbox) as clocks:
        work()
        still = read_anew(transfer).sending
        for _ in range(66):
            clocks.advance(seconds=61)
            work()

    assert (left, still) == (states.SENDING, states.SENDING)
    assert read_anew(transfer).sending == (states.ACCEPTED if committed else states.NOT_CREATED)
    assert len(ada.at_the_broker()) == committed
    assert transfer.events.filter(after=states.UNKNOWN).count() == SendAttempt.objects.count() == 1


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

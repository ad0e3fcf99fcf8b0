"""Two processes that find the same transfer waiting."""

import subprocess
import sys

import pytest

from funding import states
from funding.models import Transfer
from funding.operations import transfers
from tests.funding.standing import open_customer, read_anew
from tests.harness.environment import ROOT
from tests.harness.processes import environment
from tests.harness.sandbox import Sandbox

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

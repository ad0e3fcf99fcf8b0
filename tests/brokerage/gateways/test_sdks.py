"""Loading the SDKs before there are threads."""

import subprocess
import sys

from tests.harness.environment import ROOT

# Two threads that need the SDK in a process that has not asked anybody yet: the second one comes while the first is in
# the middle of its imports, if it has any left to make.
CHILD = """
import sys, threading, django
django.setup()
from brokerage.gateways import sdks
assert "alpaca" not in sys.modules
sdks.load()
wrong = []
def follow():
    try:
        from brokerage.gateways.broker_client import TamedClient
    except ImportError as fault:
        wrong.append(fault)
def send():
    while "alpaca.broker" not in sys.modules:
        pass
    try:
        from alpaca.broker.requests import CreateACHTransferRequest
    except ImportError as fault:
        wrong.append(fault)
threads = [threading.Thread(target=each) for each in (send, follow)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(str(wrong) if wrong else 0)
"""


def test_once_loaded_several_threads_may_need_them() -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHILD],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 0, ended.stderr

"""Hearing the broker's news of accounts, all of it: what was said this very millisecond comes with the next reading."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from accounts.operations import news
from accounts.operations.account_stream import ACCOUNTS
from tests.harness.sandbox import Sandbox


def hear(sandbox: Sandbox) -> int:
    """Let two seconds pass at the broker, and one here, and read the stream; return how many events came."""
    moment = timezone.now() + timedelta(seconds=1)
    sandbox.post("/control/clock", now=(moment + timedelta(seconds=1)).isoformat())
    with time_machine.travel(moment):
        return news.read_and_act(ACCOUNTS, holder="a test")

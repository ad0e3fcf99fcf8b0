"""The command that follows the broker's account stream, as a shell and a supervisor see it."""

import json
import os
import signal
import subprocess
import sys
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerageAccount, Lease, StreamCursor
from accounts.operations import leases, onboarding
from accounts.operations.account_status import STREAM
from brokerage import ulid
from tests import make
from tests.brokerage.gateways.vendor import EVENT_STREAM, Vendor, answer, silence, stream
from tests.harness.environment import ROOT
from tests.harness.processes import database_url
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually

pytestmark = pytest.mark.django_db


def run(*words: str) -> tuple[int, list[str]]:
    out = StringIO()
    try:
        call_command("follow_account_events", *words, stdout=out, stderr=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def event(status: str, **more: Any) -> bytes:
    at = timezone.now()
    body = {"event_ulid": ulid.first_at(at), "at": at.isoformat(), "account_id": "ada", "status_to": status}
    return b"data: %b\n\n" % json.dumps(body | more).encode()


@pytest.fixture
def ada() -> BrokerageAccount:
    return make.account(make.user(), status="SUBMITTED", alpaca_id="ada")


def test_once_reads_up_to_now(ada: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(stream(event("APPROVED", account_blocked=True)))

    code, lines = run("--once")

    assert (code, lines) == (
        0,
        [
            "the broker's account ada status: SUBMITTED → APPROVED",
            "the broker's account ada blocks: none → account_blocked",
            "1 read",
        ],
    )
    assert run("--once") == (0, ["1 read"])  # told again, and nothing changes


def test_machines_get_json(ada: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(stream(event("APPROVED")))

    code, lines = run("--once", "--json")

    change, summary = map(json.loads, lines)
    assert code == 0
    assert change | {"event": ""} == {
        "account": "ada",
        "event": "",
        "field": "status",
        "before": "SUBMITTED",
        "after": "APPROVED",
    }
    assert summary == {"events": 1}


def test_a_broker_that_is_away_is_no_break(settings: Settings) -> None:
    settings.BROKER_BASE_URL = "http://127.0.0.1:9"

    code, lines = run("--once")

    assert code == 75
    assert "try again" in lines[0]


def test_a_retired_stream_is_told(vendor: Vendor) -> None:
    vendor.says(answer(410, {"code": 41010000, "message": "retired"}))

    with pytest.raises(CommandError, match="retired"):
        call_command("follow_account_events")


def test_a_second_one_leaves_at_once(vendor: Vendor) -> None:
    with leases.held(STREAM, holder="another"):
        assert run() == (0, ["Another process follows this stream already."])


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.django_db(transaction=True)
def test_a_signal_ends_it_with_what_was_heard(vendor: Vendor, name: signal.Signals) -> None:
    """The process waits on an open stream, where only the signal can end it soon."""
    ada = make.account(make.user(), status="SUBMITTED", alpaca_id="ada")
    said = b": welcome\n\n" + event("APPROVED")
    vendor.says(stream(b": welcome\n\n"), silence(EVENT_STREAM + b"%x\r\n%b\r\n" % (len(said), said)))

    with _process(vendor) as process:
        assert eventually(lambda: _status(ada) == "APPROVED", 20)
        began = time.monotonic()
        process.send_signal(name)
        out, errors = process.communicate(timeout=10)

    assert (process.returncode, errors) == (0, "")
    assert out == "the broker's account ada status: SUBMITTED → APPROVED\n"
    assert time.monotonic() - began < 5
    assert not Lease.objects.exists()


def _status(account: BrokerageAccount) -> str:
    account.refresh_from_db()
    return account.status


def _process(vendor: Vendor) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "follow_account_events"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_url(), "BROKER_BASE_URL": vendor.url, "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_real_stream_is_followed(sandbox: Sandbox) -> None:
    onboarding.submit(application=make.application(make.user()))
    account = BrokerageAccount.objects.get()
    sandbox.post(f"/control/accounts/{account.alpaca_id}", status="APPROVED")

    def heard() -> bool:
        sandbox.post("/control/clock", advance_seconds=1)
        assert run("--once")[0] == 0
        return _status(account) == "APPROVED"

    assert eventually(heard, 20)
    assert StreamCursor.objects.filter(name=STREAM).exists()

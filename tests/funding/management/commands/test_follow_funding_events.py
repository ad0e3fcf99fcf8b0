"""The command that follows the broker's funding stream, as a shell and a supervisor see it."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.operations import leases
from funding import states
from funding.operations import settlement
from tests.funding.standing import Clocks, Customer, read_anew
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually

pytestmark = pytest.mark.django_db


def run(*words: str) -> tuple[int, list[str]]:
    out = StringIO()
    try:
        call_command("follow_funding_events", *words, stdout=out, stderr=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def test_once_reads_and_acts_on_what_was_said_up_to_now(ada: Customer, clocks: Clocks, sandbox: Sandbox) -> None:
    deposit = ada.move("50.00")
    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="settle")
    clocks.advance(seconds=1)

    code, lines = run("--once")

    told = f"the broker's account {ada.account.alpaca_id} transfer {deposit.alpaca_id}: "
    assert code == 0
    assert lines[-1].endswith(" read")
    assert next(line for line in lines if line.endswith("→ COMPLETE")).startswith(told)
    assert read_anew(deposit).status == states.COMPLETE
    assert str(read_anew(ada.account).cash) == "1050.00"
    assert len(run("--once")[1]) == 1  # told again, and nothing changes


def test_machines_get_json(ada: Customer, clocks: Clocks, sandbox: Sandbox) -> None:
    deposit = ada.move("50.00")
    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="settle")
    clocks.advance(seconds=1)

    lines = [json.loads(line) for line in run("--once", "--json")[1]]

    assert lines[-2]["field"] == f"transfer {deposit.alpaca_id}"
    assert (lines[-2]["after"], lines[-2]["account"]) == (states.COMPLETE, ada.account.alpaca_id)
    assert lines[-1]["events"] > 0


def test_a_broker_whose_clock_is_a_day_ahead_is_heard(ada: Customer, sandbox: Sandbox) -> None:
    sandbox.post("/control/clock", now=(timezone.now() + timedelta(days=1)).isoformat())
    deposit = ada.move("50.00")
    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="settle")

    def heard() -> bool:
        assert run("--once")[0] == 0
        settled: bool = read_anew(deposit).status == states.COMPLETE
        return settled

    assert eventually(heard, 20)


def test_a_second_one_leaves_at_once(sandbox: Sandbox) -> None:
    with leases.held(settlement.STREAM, holder="another"):
        assert run() == (0, ["Another process follows this stream already."])


def test_a_broker_that_is_away_is_no_break(settings: Settings) -> None:
    settings.BROKER_BASE_URL = settings.BROKER_TOKEN_URL = "http://127.0.0.1:9"

    assert run("--once")[0] == 75


def test_a_flag_that_nobody_knows_is_wrong_usage() -> None:
    with pytest.raises((CommandError, TypeError)):
        call_command("follow_funding_events", "--twice")

"""Comparing accounts with the broker: what is mended, what is reported, and what a shell learns of it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts import states
from accounts.models import AccountEvent, Application, BrokerageAccount
from accounts.operations import onboarding
from tests import make
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(sandbox: Sandbox) -> BrokerageAccount:
    """Open an account that the broker knows as well."""
    onboarding.submit(application=make.application(make.user()))
    return BrokerageAccount.objects.get()


def reconcile(*words: str) -> tuple[int, list[str]]:
    """Run the command as a shell does; return its exit code and its lines."""
    out = StringIO()
    try:
        call_command("reconcile_accounts", *words, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def drift(opened: BrokerageAccount, sandbox: Sandbox, status: str = "ACTIVE") -> None:
    sandbox.post("/control/settings", emit_events=False)
    sandbox.post(f"/control/accounts/{opened.alpaca_id}", status=status)


def test_nothing_to_compare_is_clean(sandbox: Sandbox) -> None:
    assert reconcile() == (0, ["0 found, 0 mended, 0 left"])


def test_accounts_that_agree_are_clean(opened: BrokerageAccount, sandbox: Sandbox) -> None:
    assert reconcile() == (0, ["0 found, 0 mended, 0 left"])


def test_a_difference_is_mended_and_told(opened: BrokerageAccount, sandbox: Sandbox) -> None:
    drift(opened, sandbox)

    code, lines = reconcile()

    assert (code, lines[-1]) == (0, "1 found, 1 mended, 0 left")
    assert lines[0] == f"brokerage account {opened.pk}: ours SUBMITTED, the broker's ACTIVE [mended]"
    opened.refresh_from_db()
    assert opened.status == "ACTIVE"
    assert reconcile()[1] == ["0 found, 0 mended, 0 left"]


def test_a_dry_run_writes_nothing(opened: BrokerageAccount, sandbox: Sandbox) -> None:
    drift(opened, sandbox)
    before = [list(model.objects.values()) for model in (BrokerageAccount, AccountEvent, Application)]

    code, lines = reconcile("--dry-run")

    assert code == 1
    assert lines[0].endswith("[would be mended]")
    assert [list(model.objects.values()) for model in (BrokerageAccount, AccountEvent, Application)] == before


def test_what_may_not_follow_is_reported_and_left(opened: BrokerageAccount, sandbox: Sandbox) -> None:
    BrokerageAccount.objects.update(status=states.ACTIVE)

    code, lines = reconcile()

    assert (code, lines[-1]) == (1, "2 found, 1 mended, 1 left")  # the other one: what is not open is blocked
    assert lines[0].endswith("[LEFT]")
    opened.refresh_from_db()
    assert opened.status == states.ACTIVE


def test_closed_accounts_are_not_asked_about(opened: BrokerageAccount, sandbox: Sandbox) -> None:
    BrokerageAccount.objects.update(status=states.CLOSED)

    assert reconcile() == (0, ["0 found, 0 mended, 0 left"])


def test_a_broker_that_is_away_is_reported(opened: BrokerageAccount, settings: Settings) -> None:
    settings.BROKER_BASE_URL = "http://127.0.0.1:9"

    code, lines = reconcile()

    assert code == 75
    assert "0 found, 0 mended, 0 left; stopped, the vendor is away, try again" in lines[-1]


def test_an_account_that_the_broker_does_not_know_is_reported(sandbox: Sandbox) -> None:
    account = make.account(make.user())
    Application.objects.update(tax_id="")

    code, lines = reconcile("--json")

    assert code == 1
    assert json.loads(lines[0]) == {
        "code": "ACCOUNT_NOT_THERE",
        "subject": f"brokerage account {account.pk}",
        "what": "the broker does not know it",
        "mended": False,
    }


def test_every_line_for_machines_is_json(opened: BrokerageAccount, sandbox: Sandbox) -> None:
    drift(opened, sandbox)

    code, lines = reconcile("--json")

    found, summary = (json.loads(line) for line in lines)
    assert code == 0
    assert found == {
        "code": "ACCOUNT_BEHIND",
        "subject": f"brokerage account {opened.pk}",
        "what": "ours SUBMITTED, the broker's ACTIVE",
        "mended": True,
    }
    assert summary == {"findings": 1, "mended": 1, "left": 0}


def test_an_unknown_flag_is_wrong_usage() -> None:
    with pytest.raises(CommandError):
        call_command("reconcile_accounts", "--loudly")

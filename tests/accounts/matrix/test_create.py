"""The column "account create": one account per e-mail address at the broker, so a lost answer is looked up by it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts import states, wording
from accounts.models import Application, BrokerageAccount
from accounts.operations import onboarding
from tests import make
from tests.funding.matrix import faults
from tests.funding.matrix.faults import Fault, patched
from tests.funding.matrix.table import (
    ANOTHER,
    AWAY,
    CONFLICT,
    GARBLED,
    INVALID,
    KEYS,
    KILLED_AFTER,
    KILLED_BEFORE,
    PERMISSION,
    SILENT,
    SLOW_DOWN,
    STRANGE,
)
from tests.harness.sandbox import Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

CREATE, FIND = "POST /broker/v1/accounts", "GET /broker/v1/accounts"
SECRETS = ("444554321", "444-55-4321", "1991-03-09", "84 Willow", "2015550143")
ELSE = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Must:
    """What must come of it: where the application stands if the account was made, and if it was not; an alarm."""

    made: str = states.ACCEPTED
    not_made: str = states.READY
    alarm: bool = False
    ends: str = states.ACCEPTED


# N: READY, and sent again. U → L: looked up by e-mail at once, in the same request. R: the customer changes an answer.
MUST = {
    AWAY: Must(),
    SILENT: Must(),
    SLOW_DOWN: Must(),
    GARBLED: Must(),
    ANOTHER: Must(alarm=True),
    STRANGE: Must(),
    INVALID: Must(not_made=states.REFUSED, ends=states.REFUSED),
    KEYS: Must(alarm=True),
    CONFLICT: Must(),
    KILLED_BEFORE: Must(not_made=states.SENDING),
    KILLED_AFTER: Must(made=states.SENDING),
}
_IDENTITY = {"given_name": "Eve", "family_name": "Else", "date_of_birth": "1970-01-01"}
_NO_CITY = {"code": 42210000, "message": "city is invalid"}
FAULTS = [
    *(each for each in faults.FAULTS if each.row not in (PERMISSION, INVALID)),
    *(Fault(INVALID, f"status {status}", how={"status": status, "body": _NO_CITY}) for status in (400, 422)),
    patched(GARBLED, "no id", drop=["id"]),
    patched(ANOTHER, "another e-mail", patch={"contact": {"email_address": "eve@example.com"}}),
    patched(ANOTHER, "another person", patch={"identity": _IDENTITY}),
    patched(STRANGE, "a field too many", patch={"surprise": {"deep": [1]}}),
    patched(STRANGE, "fields missing", drop=["status", "account_number", "contact", "identity", "created_at"]),
    patched(STRANGE, "nulls", patch={"kyc_results": None, "account_number": None, "contact": None, "identity": None}),
]


@pytest.fixture
def application(sandbox: Sandbox) -> Iterator[Application]:
    """Ada's application, whole, with our clock and the broker's stopped together."""
    moment = timezone.now().replace(microsecond=0)
    sandbox.post("/control/clock", now=moment.isoformat(), freeze=True)
    with time_machine.travel(moment, tick=False):
        yield make.application(make.user())
    sandbox.post("/control/clock", freeze=False)


def later(sandbox: Sandbox, application: Application, seconds: int = 90) -> None:
    """Let the worker come by when every lease and pause is over."""
    moment = timezone.now() + timedelta(seconds=seconds)
    sandbox.post("/control/clock", now=moment.isoformat())
    with time_machine.travel(moment, tick=False):
        onboarding.pick_up_left_behind(sender="worker")
    application.refresh_from_db()


def at_the_broker(sandbox: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.get("/control/state")["accounts"]
    return found


@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_an_application_that_is_struck_is_what_the_matrix_says(
    application: Application, sandbox: Sandbox, settings: Settings, caplog: pytest.LogCaptureFixture, struck: Fault
) -> None:
    must = MUST[struck.row]
    caplog.set_level(logging.DEBUG)

    def job() -> None:
        onboarding.submit(application=application)

    faults.strike(struck, job, on=CREATE, sandbox=sandbox, settings=settings)

    application.refresh_from_db()
    assert application.status == (must.made if struck.done else must.not_made)
    assert len(at_the_broker(sandbox)) == struck.done
    assert (application.tax_id == "") == (application.status == states.ACCEPTED)
    assert ("ERROR" in faults.levels(caplog)) == must.alarm

    later(sandbox, application)
    later(sandbox, application, seconds=4000)  # a broker that is busy may ask for an hour

    assert application.status == must.ends
    assert [row["id"] for row in at_the_broker(sandbox)] == bound()
    assert (application.tax_id == "") == (must.ends == states.ACCEPTED)
    assert BrokerageAccount.objects.filter(status=states.ACTIVE).count() == 0
    told = caplog.text + str(list(application.events.values_list("because", "evidence")))
    assert not [secret for secret in SECRETS if secret in told]


def bound() -> list[str]:
    return list(BrokerageAccount.objects.values_list("alpaca_id", flat=True))


def test_an_unknown_word_is_kept_and_waited_on(application: Application, sandbox: Sandbox) -> None:
    sandbox.post("/control/faults", route=CREATE, kind="patch_after_commit", patch={"status": "TELEPORTED"})

    onboarding.submit(application=application)

    account = BrokerageAccount.objects.get()
    assert (account.status, account.is_active) == ("TELEPORTED", False)
    assert wording.of_application(application, account).word == "Under review"


def test_an_answer_that_names_anothers_account_is_not_believed(
    application: Application, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    make.account(make.user("bob@example.com"), alpaca_id=ELSE)
    sandbox.post("/control/faults", route=CREATE, kind="patch_after_commit", patch={"id": ELSE})

    onboarding.submit(application=application)

    ours = BrokerageAccount.objects.get(user=application.user)
    assert [ours.alpaca_id] == [row["id"] for row in at_the_broker(sandbox)]
    assert BrokerageAccount.objects.get(alpaca_id=ELSE).user.email == "bob@example.com"
    assert "ERROR" in faults.levels(caplog)


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
def test_what_could_be_neither_heard_nor_looked_up_is_unknown_until_it_can(
    application: Application, sandbox: Sandbox, kind: str
) -> None:
    sandbox.post("/control/faults", route=CREATE, kind=kind)
    sandbox.post("/control/faults", route=FIND, kind="status", status=502)

    onboarding.submit(application=application)

    application.refresh_from_db()
    assert application.status == states.UNKNOWN
    assert application.tax_id != ""
    later(sandbox, application)
    later(sandbox, application, seconds=180)
    assert application.status == states.ACCEPTED
    assert [row["id"] for row in at_the_broker(sandbox)] == bound()


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS}

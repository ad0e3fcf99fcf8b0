"""The column "close": what becomes of a closing that a fault strikes.

The account's status tells; asked for twice, it is closed once.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from pytest_django import Settings

from funding import states
from funding.models import Closing
from funding.operations import closing
from tests import make
from tests.funding.matrix import faults
from tests.funding.matrix.faults import Fault, levels, strike
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
from tests.funding.standing import Clocks, Customer, fault, open_customer, work
from tests.harness.sandbox import Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.django_db]  # `make check` leaves them to `make test`

CLOSE = "POST /broker/v1/accounts/*/actions/close"
GET = "GET /broker/v1/accounts/*"
ELSE = "00000000-0000-4000-8000-000000000000"
DONE, REFUSED, AGAIN, DEAD = states.DONE, states.REFUSED, states.RESERVED, states.SENDING


@dataclass(frozen=True)
class Must:
    """What must come of it: how it stands where it was done and where not, and an alarm."""

    done: str = DONE
    not_done: str = AGAIN
    alarm: bool = False


MUST = {
    AWAY: Must(),
    SILENT: Must(),
    SLOW_DOWN: Must(),
    GARBLED: Must(),
    ANOTHER: Must(alarm=True),
    STRANGE: Must(),
    INVALID: Must(not_done=REFUSED),
    KEYS: Must(alarm=True),
    PERMISSION: Must(not_done=REFUSED),
    CONFLICT: Must(not_done=REFUSED),
    KILLED_BEFORE: Must(not_done=DEAD),
    KILLED_AFTER: Must(done=DEAD),
}


def said(row: str, name: str, status: int = 200, *, done: bool = True, **body: Any) -> Fault:
    """Return a closing that was answered with these words."""
    kind = "status_after_commit" if done else "status"
    return Fault(row, name, kind, done=done, how={"status": status, "body": body})


# A yes has no body: it can't break off in the middle.
NEED_A_BODY = ("short_answer", "reset_mid_answer")
FAULTS = [
    *(each for each in faults.FAULTS if each.name not in NEED_A_BODY),
    said(ANOTHER, "another account", id=ELSE),
    said(STRANGE, "words where none are due", surprise={"deep": [1]}),
    said(INVALID, "already closed", 422, code=42210000, message="account is already closed"),
]


@pytest.fixture
def empty(clocks: Clocks, sandbox: Sandbox) -> Customer:
    return open_customer(sandbox)


def reserved(of: Customer) -> Closing:
    return closing.request(
        account=of.account,
        form_key=closing.form_key(account=of.account),
        visit=make.VISIT,
    )


def is_closed_there(of: Customer) -> bool:
    rows = of.sandbox.get("/control/state")["accounts"]
    return [row["status"] for row in rows if row["id"] == of.account.alpaca_id] == ["ACCOUNT_CLOSED"]


@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_a_closing_that_is_struck_is_what_the_matrix_says(
    empty: Customer,
    clocks: Clocks,
    sandbox: Sandbox,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    struck: Fault,
) -> None:
    must, made = MUST[struck.row], reserved(empty)
    stands = must.done if struck.done else must.not_done

    strike(struck, lambda: closing.send(closing=made, sender="a test"), on=CLOSE, sandbox=sandbox, settings=settings)

    made.refresh_from_db()
    empty.account.refresh_from_db()
    assert made.status == stands
    assert is_closed_there(empty) == struck.done
    assert (empty.account.status == "ACCOUNT_CLOSED") == (stands == DONE)
    assert ("ERROR" in levels(caplog)) == must.alarm

    for _ in range(3):
        clocks.advance(minutes=2)
        work()

    made.refresh_from_db()
    empty.account.refresh_from_db()
    ends = REFUSED if stands == REFUSED else DONE
    assert made.status == ends
    assert is_closed_there(empty) == (empty.account.status == "ACCOUNT_CLOSED") == (ends == DONE)


def test_what_could_be_neither_told_nor_read_stays_unknown_until_it_can(
    empty: Customer, clocks: Clocks, sandbox: Sandbox
) -> None:
    made = reserved(empty)
    fault(sandbox, "drop_after_commit", CLOSE)
    fault(sandbox, "bad_gateway", GET)

    closing.send(closing=made, sender="a test")
    made.refresh_from_db()
    assert made.status == states.UNKNOWN
    clocks.advance(minutes=2)
    work()

    made.refresh_from_db()
    assert made.status == DONE


def test_not_found_alarms_and_the_status_tells(
    empty: Customer, sandbox: Sandbox, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    made = reserved(empty)
    fault(sandbox, "status", CLOSE, status=404, body={"code": 40410000, "message": "account not found"})

    closing.send(closing=made, sender="a test")

    made.refresh_from_db()
    assert made.status == REFUSED
    assert "ERROR" in levels(caplog)


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS}

"""The column "cancel": what becomes of a withdrawal that the customer asked to cancel, and what they are told."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from funding import states, wording
from funding.models import Transfer
from funding.operations import limits
from tests.funding.matrix import faults
from tests.funding.matrix.faults import Fault, levels, strike, watch
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
    rows,
)
from tests.funding.standing import LIST, OUT, Clocks, Customer, read_anew, work
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.slow  # hundreds of them: `make check` leaves them to `make test`

DELETE = "DELETE /broker/v1/accounts/*/transfers/*"
ELSE = "00000000-0000-4000-8000-000000000000"

CANCELED = "It is canceled; no money moves."
AGAIN = "We can’t reach the broker right now, so the transfer goes on. Please try again in a minute."
TOO_LATE = "This transfer is past the point where it can be canceled."
ASKED = "We asked the broker to cancel it. This page shows when that is certain."
NOTHING = ""  # the process is dead: nobody tells them anything


@dataclass(frozen=True)
class Must:
    """What must come of it: what the customer is told where it was done and where it was not, and an alarm."""

    done: str = CANCELED
    not_done: str = AGAIN
    alarm: bool = False
    repeated: bool = False  # the worker tells the wish again


MUST = {
    AWAY: Must(),
    SILENT: Must(),
    SLOW_DOWN: Must(),
    GARBLED: Must(),
    ANOTHER: Must(alarm=True),
    STRANGE: Must(),
    INVALID: Must(not_done=TOO_LATE),
    KEYS: Must(alarm=True),
    PERMISSION: Must(alarm=True),
    CONFLICT: Must(),
    KILLED_BEFORE: Must(not_done=NOTHING, repeated=True),
    KILLED_AFTER: Must(done=NOTHING),
}


def said(row: str, name: str, **body: Any) -> Fault:
    """Return a cancellation that was done, and answered with these words instead of none."""
    return Fault(row, name, "status_after_commit", done=True, how={"status": 200, "body": body})


# A yes has no body, so it can't break off in the middle.
NEED_A_BODY = ("short_answer", "reset_mid_answer")
FAULTS = [
    *(each for each in faults.FAULTS if each.name not in NEED_A_BODY),
    said(ANOTHER, "another transfer", id=ELSE),
    said(ANOTHER, "another account", id=ELSE, account_id=ELSE),
    said(STRANGE, "words where none are due", surprise={"deep": [1]}),
    Fault(STRANGE, "a list with fields missing", "patch_after_commit", True, {"drop": ["reason", "amount"]}, on=LIST),
]
# What stands of the row, by what the customer is told.
LEFT = {
    CANCELED: (states.CANCELED, "asked", "Canceled"),
    AGAIN: (states.QUEUED, "", "On its way"),
    TOO_LATE: (states.QUEUED, "too late", "On its way"),
    ASKED: (states.QUEUED, "asked", "Canceling"),
    NOTHING: (states.QUEUED, "asked", "Canceling"),
}


@pytest.fixture
def transfer(clocks: Clocks, ada: Customer, client: Client) -> Transfer:
    """A withdrawal of $50.00 that waits at the broker."""
    client.force_login(ada.user)
    return ada.move("50.00", OUT)


def told(client: Client, transfer: Transfer) -> str:
    """Choose "Cancel", and return what the page says."""
    page = client.post(f"{transfer.url}cancel/", follow=True)
    [message] = page.context["messages"]
    return str(message)


def left(transfer: Transfer) -> tuple[str, str, str]:
    found = Transfer.objects.get(pk=transfer.pk)
    return found.status, found.cancel_answer, wording.of_transfer(found).word


def withdrawable(ada: Customer) -> Decimal | None:
    return limits.withdrawable(account=read_anew(ada.account))


@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_a_cancellation_that_is_struck_is_what_the_matrix_says(
    transfer: Transfer, ada: Customer, client: Client, clocks: Clocks, sandbox: Sandbox, settings: Settings,
    caplog: pytest.LogCaptureFixture, struck: Fault,
) -> None:  # fmt: skip
    must, heard = MUST[struck.row], []
    words = must.done if struck.done else must.not_done

    strike(struck, lambda: heard.append(told(client, transfer)), on=DELETE, sandbox=sandbox, settings=settings)
    posted = watch(sandbox)

    assert heard == ([words] if words else [])
    assert left(transfer) == LEFT[words]
    assert ("ERROR" in levels(caplog)) == must.alarm
    assert withdrawable(ada) == Decimal("1000.00" if words == CANCELED else "950.00")

    told_again = watch(sandbox, DELETE) if not must.repeated else lambda: 0
    clocks.advance(minutes=2)
    work()
    work()

    ends_canceled = struck.done or must.repeated
    theirs = states.CANCELED if ends_canceled else states.QUEUED
    assert [row["status"] for row in ada.at_the_broker()] == [theirs] == [read_anew(transfer).status]
    assert withdrawable(ada) == Decimal("1000.00" if ends_canceled else "950.00")
    assert (posted(), told_again()) == (0, 0)


@pytest.mark.parametrize(
    "struck", [each for each in FAULTS if not each.done and MUST[each.row].not_done == AGAIN], ids=str
)
def test_a_wish_that_was_not_heard_may_be_told_again(
    transfer: Transfer, client: Client, sandbox: Sandbox, settings: Settings, struck: Fault
) -> None:
    strike(struck, lambda: told(client, transfer), on=DELETE, sandbox=sandbox, settings=settings)

    assert told(client, transfer) == CANCELED


def test_an_unknown_word_in_the_list_leaves_it_open_and_is_reported(
    transfer: Transfer, client: Client, sandbox: Sandbox, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    strange = Fault(STRANGE, "unknown word", "patch_after_commit", how={"patch": {"status": "TELEPORTED"}}, on=LIST)
    heard: list[str] = []

    strike(strange, lambda: heard.append(told(client, transfer)), on=DELETE, sandbox=sandbox, settings=settings)

    assert heard == [ASKED]
    assert left(transfer) == ("TELEPORTED", "asked", "Canceling")
    assert "ERROR" in levels(caplog)


def test_what_could_be_neither_told_nor_read_is_seen_to_by_the_worker(
    transfer: Transfer, client: Client, clocks: Clocks, sandbox: Sandbox, settings: Settings
) -> None:
    lost_list = {"route": LIST, "kind": "bad_gateway", "times": 1}
    heard: list[str] = []
    sandbox.post("/control/faults", **lost_list)
    silent = Fault(SILENT, "dropped", "drop_before_commit")

    strike(silent, lambda: heard.append(told(client, transfer)), on=DELETE, sandbox=sandbox, settings=settings)
    at_first = left(transfer)
    clocks.advance(minutes=2)
    work()

    assert (heard, at_first) == ([ASKED], LEFT[ASKED])
    assert left(transfer)[0] == states.CANCELED


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS} == rows("cancel")

"""Sending a document while the broker fails: what stands here and there, what is said, and that one can send again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import states
from accounts.models import DocumentUpload
from accounts.operations import sending_documents
from tests.accounts.matrix.table import (
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
from tests.accounts.needing import PAGE, UPLOAD, Needy, needy, said
from tests.funding.matrix import faults
from tests.funding.matrix.faults import Fault, levels, strike, watch
from tests.funding.standing import Clocks, standing_still
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.slow  # hundreds of them: `make check` leaves them to `make test`

THERE = "Your document is with the broker."
AGAIN = "It did not leave us, and we kept no copy. Choose the file again."
PERHAPS = "We can’t tell whether it arrived, since the broker’s answer was lost. Sending it again does no harm."
NOT_TAKEN = "The broker did not take this file. Take a new photo, or save the document as a PDF."
OURS = "A fault of ours kept it from the broker; we have been told. Try again tomorrow."
NOTHING = ""  # the process is dead: nobody tells them anything


@dataclass(frozen=True)
class Must:
    """What must come of it: how the row stands, what the customer is told, and whether there is an alarm."""

    status: str
    told: str
    alarm: bool = False


MUST = {
    AWAY: Must(states.NOT_SENT, AGAIN),
    SILENT: Must(states.UNKNOWN, PERHAPS),
    SLOW_DOWN: Must(states.NOT_SENT, AGAIN),
    GARBLED: Must(states.UNKNOWN, PERHAPS),
    STRANGE: Must(states.ACCEPTED, THERE),
    INVALID: Must(states.REFUSED, NOT_TAKEN),
    KEYS: Must(states.REFUSED, OURS, alarm=True),
    PERMISSION: Must(states.REFUSED, OURS, alarm=True),
    CONFLICT: Must(states.UNKNOWN, PERHAPS),
    KILLED_BEFORE: Must(states.UNKNOWN, NOTHING),
    KILLED_AFTER: Must(states.UNKNOWN, NOTHING),
}


def yes(name: str, status: int = 200, **how: Any) -> Fault:
    return Fault(STRANGE, name, "status_after_commit", done=True, how={"status": status, **how})


# A yes has no body: it can't break off in the middle, and an empty one, or one without sense, is a yes.
NEED_A_BODY = ("short_answer", "reset_mid_answer", "empty_after_commit", "null")
FAULTS = [
    *(each for each in faults.FAULTS if each.name not in NEED_A_BODY),
    Fault(STRANGE, "an empty 200", "empty_after_commit", done=True),
    yes("null", body=None),
    yes("202, as in earlier years", 202, body=None),
    yes("words where none are due", body=[{"id": "1", "surprise": {"deep": [1]}}]),
]


@pytest.fixture
def clocks(sandbox: Sandbox) -> Iterator[Clocks]:
    """Stop our clock and the broker's."""
    with standing_still(sandbox) as clocks:
        yield clocks


@pytest.fixture
def ada(clocks: Clocks, sandbox: Sandbox, client: Client, db: None) -> Needy:
    """Ada is signed in, after the clocks have been stopped."""
    return needy(sandbox, client)


@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_a_document_whose_sending_is_struck_is_what_the_matrix_says(
    ada: Needy, clocks: Clocks, settings: Settings, caplog: pytest.LogCaptureFixture, struck: Fault
) -> None:
    must, heard = MUST[struck.row], []
    caplog.clear()

    strike(struck, lambda: heard.append(said(ada.choose())), on=UPLOAD, sandbox=ada.sandbox, settings=settings)

    assert heard == ([must.told] if must.told else [])
    assert ada.upload.status == (states.SENDING if struck.kills else must.status)
    assert ("ERROR" in levels(caplog)) == must.alarm

    sent_again = watch(ada.sandbox, UPLOAD)
    clocks.advance(minutes=4)
    assert sending_documents.pick_up_left_behind(sender="worker") == int(struck.kills)
    assert sent_again() == 0  # nobody has the file any more

    assert ada.upload.status == must.status
    assert len(ada.at_the_broker()) == int(struck.done)


@pytest.mark.parametrize("struck", [each for each in FAULTS if MUST[each.row].told != THERE], ids=str)
def test_what_is_not_certain_to_be_there_can_be_sent_again(
    ada: Needy, clocks: Clocks, settings: Settings, struck: Fault
) -> None:
    strike(struck, lambda: ada.choose(), on=UPLOAD, sandbox=ada.sandbox, settings=settings)
    clocks.advance(minutes=4)
    sending_documents.pick_up_left_behind(sender="worker")
    assert ada.client.get(PAGE).status_code == 200

    assert said(ada.choose()) == THERE

    assert len(ada.at_the_broker()) == 1 + int(struck.done)
    assert {each.status for each in DocumentUpload.objects.all()} == {MUST[struck.row].status, states.ACCEPTED}


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS} == rows()

"""The column "relationship delete": unlinking a bank. Not there is done, so it is told again until that is listed."""

from dataclasses import dataclass
from typing import Any

import pytest

from funding import states
from funding.models import ACHRelationship
from funding.operations import endings
from tests.funding.matrix import faults
from tests.funding.matrix.banks import DELETE, LISTED, NONE, Someone
from tests.funding.matrix.faults import Fault, levels
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
    link_rows,
)
from tests.funding.standing import SENDER, fault

pytestmark = pytest.mark.slow  # hundreds of them: `make check` leaves them to `make test`

ELSE = "00000000-0000-4000-8000-000000000000"
ENDING = "Being removed"


@dataclass(frozen=True)
class Must:
    """What must come of it: an alarm, and whether it is kept that the last try came to nothing. It is being removed."""

    alarm: bool = False
    noted: bool = True


MUST = {
    AWAY: Must(),
    SILENT: Must(),
    SLOW_DOWN: Must(),
    GARBLED: Must(),
    ANOTHER: Must(alarm=True),
    STRANGE: Must(noted=False),
    INVALID: Must(alarm=True),
    KEYS: Must(alarm=True),
    CONFLICT: Must(),
    KILLED_BEFORE: Must(noted=False),
    KILLED_AFTER: Must(noted=False),
}


def said(row: str, name: str, **body: Any) -> Fault:
    """Return a removal that was begun, and answered with these words instead of none."""
    return Fault(row, name, "status_after_commit", done=True, how={"status": 200, "body": body})


# A yes has no body: it can't break off in the middle, and an empty one, or one without sense, is a yes.
NEED_A_BODY = ("short_answer", "reset_mid_answer", "empty_after_commit", "null")
FAULTS = [
    *(each for each in faults.FAULTS if each.row != PERMISSION and each.name not in NEED_A_BODY),
    said(ANOTHER, "another relationship", id=ELSE),
    said(ANOTHER, "another account", id=ELSE, account_id=ELSE),
    Fault(ANOTHER, "a list of another account", "patch_after_commit", True, {"patch": {"id": ELSE, "account_id": ELSE}},
          on=LISTED),
    said(STRANGE, "words where none are due", surprise={"deep": [1]}),
    Fault(STRANGE, "an empty yes", "empty_after_commit", True),
    Fault(STRANGE, "a list with fields missing", "patch_after_commit", True, {"drop": ["status", "account_id"]},
          on=LISTED),
]  # fmt: skip


def ends(somebody: Someone, link: ACHRelationship) -> None:
    """Let the broker bring the removal to its end; then nothing of the bank may be left on either side."""
    assert [row["status"] for row in somebody.at_the_broker()] == [states.CANCEL_REQUESTED]
    assert (link.ended_at, len(somebody.at_plaid())) == (None, 1)  # our keys are kept until it is gone there

    somebody.broker_says(link, states.CANCELED)

    assert (link.status, somebody.bank) == (states.CANCELED, NONE)
    assert (somebody.at_the_broker(), somebody.at_plaid(), somebody.keys()) == ([], set(), [])


@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_an_unlinking_that_is_struck_is_what_the_matrix_says(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, struck: Fault
) -> None:
    must, link = MUST[struck.row], newcomer.linked()
    caplog.clear()

    newcomer.struck(struck, lambda: newcomer.told("/bank/unlink/confirm/"), on=DELETE)

    link.refresh_from_db()
    assert (newcomer.bank, link.ended_at, bool(link.ending_error)) == (ENDING, None, must.noted)
    assert not link.may_become_usable_for(states.INCOMING)
    assert ("ERROR" in levels(caplog)) == must.alarm

    endings.carry_on_due(sender=SENDER)

    link.refresh_from_db()
    assert link.ending_tries == 1  # nobody is pressed: it is told again after a while

    newcomer.later()

    link.refresh_from_db()
    assert (newcomer.bank, link.ending_error) == (ENDING, "")
    ends(newcomer, link)


def test_an_unknown_word_in_the_list_leaves_it_open_and_is_reported(
    newcomer: Someone, caplog: pytest.LogCaptureFixture
) -> None:
    link = newcomer.linked()
    strange = Fault(STRANGE, "unknown word", "patch_after_commit", how={"patch": {"status": "TELEPORTED"}}, on=LISTED)

    newcomer.struck(strange, lambda: newcomer.told("/bank/unlink/confirm/"), on=DELETE)

    link.refresh_from_db()
    assert (link.status, newcomer.bank) == ("TELEPORTED", ENDING)
    assert "ERROR" in levels(caplog)

    newcomer.later()

    link.refresh_from_db()
    ends(newcomer, link)


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
def test_what_could_be_neither_told_nor_read_is_told_again(newcomer: Someone, kind: str) -> None:
    link = newcomer.linked()
    fault(newcomer.sandbox, "bad_gateway", LISTED)

    newcomer.struck(Fault(SILENT, kind, kind), lambda: newcomer.told("/bank/unlink/confirm/"), on=DELETE)
    newcomer.later()

    link.refresh_from_db()
    assert (newcomer.bank, link.ending_error) == (ENDING, "GET: answered 502")

    newcomer.later()

    link.refresh_from_db()
    ends(newcomer, link)


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS} == link_rows("delete")

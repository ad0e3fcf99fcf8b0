"""The column "item remove": the end of our access at Plaid. Our key is destroyed once the item is gone, not before."""

from dataclasses import dataclass

import pytest

from funding import states
from funding.models import PlaidItem
from funding.operations import endings
from tests.funding.matrix import faults
from tests.funding.matrix.banks import NONE, REMOVE, Someone
from tests.funding.matrix.faults import Fault, levels, patched, plaid_says
from tests.funding.matrix.table import (
    AWAY,
    GARBLED,
    INVALID,
    KEYS,
    KILLED_AFTER,
    KILLED_BEFORE,
    SILENT,
    SLOW_DOWN,
    STRANGE,
    link_rows,
)
from tests.funding.standing import SENDER

pytestmark = pytest.mark.slow  # hundreds of them: `make check` leaves them to `make test`


@dataclass(frozen=True)
class Must:
    """What must come of it: whether that is its end at once, and an alarm. In the end it is gone on both sides."""

    gone: bool = False
    alarm: bool = False


MUST = {
    AWAY: Must(),
    SILENT: Must(),
    SLOW_DOWN: Must(),
    GARBLED: Must(),
    STRANGE: Must(gone=True),
    INVALID: Must(alarm=True),
    KEYS: Must(alarm=True),
    KILLED_BEFORE: Must(),
    KILLED_AFTER: Must(),
}
FAULTS = [
    *faults.of_plaid("INVALID_FIELD", "A_WORD_OF_TOMORROW"),
    patched(STRANGE, "a field too many", patch={"surprise": {"deep": [1]}, "removed": False}),
    patched(STRANGE, "a field missing", drop=["request_id"]),
]


def out_of_use(somebody: Someone) -> PlaidItem:
    """Return a login whose one bank account was removed at the broker."""
    link = somebody.linked()
    link.move_status(states.CANCELED, actor="broker")
    return link.login


def remove() -> None:
    endings.carry_on_due(sender=SENDER)


@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_a_removal_that_is_struck_is_what_the_matrix_says(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, struck: Fault
) -> None:
    must, item = MUST[struck.row], out_of_use(newcomer)

    newcomer.struck(struck, remove, on=REMOVE)

    item.refresh_from_db()
    assert (item.removed_at is not None, item.access_token == "") == (must.gone, must.gone)
    assert len(newcomer.at_plaid()) == (not struck.done)
    assert ("ERROR" in levels(caplog)) == must.alarm
    assert newcomer.bank == NONE

    remove()

    item.refresh_from_db()
    assert item.removal_tries == 1  # nobody is pressed: it is told again after a while

    newcomer.later()

    item.refresh_from_db()
    assert (item.health, item.removed_at is not None) == (states.REMOVED, True)
    assert (newcomer.keys(), newcomer.at_plaid()) == ([], set())


@pytest.mark.parametrize(
    ("code", "alarm"),
    [("ITEM_NOT_FOUND", False), ("ITEM_CONCURRENTLY_DELETED", False), ("INVALID_ACCESS_TOKEN", True)],
)
def test_what_plaid_does_not_hold_is_removed(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, code: str, alarm: bool
) -> None:
    item = out_of_use(newcomer)

    newcomer.struck(plaid_says(INVALID, 400, code), remove, on=REMOVE)

    item.refresh_from_db()
    assert (item.health, item.access_token) == (states.REMOVED, "")
    assert ("ERROR" in levels(caplog)) == alarm


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS} == link_rows("item_remove")

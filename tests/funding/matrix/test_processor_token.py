"""The column "processor token": by it the broker reads the numbers. A second is harmless, so it is asked for again."""

from dataclasses import dataclass

import pytest

from funding import states
from funding.models import ACHRelationship
from funding.operations import relationships
from tests.funding.matrix import faults
from tests.funding.matrix.banks import PROCESSOR, Someone
from tests.funding.matrix.faults import Fault, levels, patched
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
    """What must come of it: our half, what the customer reads, an alarm; but for a no it is made once they answer."""

    sending: str = states.RESERVED
    word: str = "Being approved"
    alarm: bool = False


MUST = {
    AWAY: Must(),
    SILENT: Must(),
    SLOW_DOWN: Must(),
    GARBLED: Must(),
    STRANGE: Must(states.ACCEPTED),
    INVALID: Must(states.REFUSED, "Refused"),
    KEYS: Must(alarm=True),
    KILLED_BEFORE: Must(),
    KILLED_AFTER: Must(),
}
FAULTS = [
    *faults.of_plaid("INVALID_ACCOUNT_ID", "ITEM_NOT_SUPPORTED", "A_WORD_OF_TOMORROW"),
    faults.plaid_says(KEYS, 400, "INVALID_PRODUCT"),  # the broker is not switched on among Plaid's partners
    patched(GARBLED, "no token", drop=["processor_token"]),
    patched(STRANGE, "a field too many", patch={"surprise": {"deep": [1]}}),
    patched(STRANGE, "a field missing", drop=["request_id"]),
]


def kept(link: ACHRelationship) -> str:
    return ACHRelationship.objects.get(pk=link.pk).processor_token


@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_a_processor_token_that_is_struck_is_what_the_matrix_says(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, struck: Fault
) -> None:
    must, chosen = MUST[struck.row], newcomer.shared()
    made_at_once = must.sending == states.ACCEPTED

    newcomer.struck(struck, lambda: newcomer.link(chosen), on=PROCESSOR)

    link = ACHRelationship.objects.get()
    assert (link.sending, newcomer.bank) == (must.sending, must.word)
    assert (kept(link), len(newcomer.at_the_broker())) == ("", made_at_once)
    assert ("ERROR" in levels(caplog)) == must.alarm

    relationships.pick_up_left_behind(sender=SENDER)

    link.refresh_from_db()
    assert link.sending == must.sending  # nobody is pressed: it is asked for again after a while

    newcomer.later()

    link.refresh_from_db()
    assert link.sending == (states.REFUSED if must.sending == states.REFUSED else states.ACCEPTED)
    assert [row["id"] for row in newcomer.at_the_broker()] == newcomer.bound()
    assert kept(link) == ""
    assert (len(newcomer.keys()), len(newcomer.at_plaid())) == ((0, 0) if link.ended_at else (1, 1))


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS} == link_rows("processor_token")

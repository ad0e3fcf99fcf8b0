"""The column "link token": what starts a pass through Plaid Link. Nothing of it lasts, so it may be asked for again."""

from dataclasses import dataclass

import pytest

from funding import states
from funding.models import LinkSession
from funding.operations import linking
from tests.funding.matrix import faults
from tests.funding.matrix.banks import LINK_TOKEN, NOTHING, Someone
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

pytestmark = pytest.mark.slow  # hundreds of them: `make check` leaves them to `make test`

AGAIN = linking.PlaidAway.customer_message
OPENED = ""  # Link opens, and nothing needs to be said


@dataclass(frozen=True)
class Must:
    """What must come of it: what the customer is told, whether they may go on to Link, an alarm."""

    told: str = AGAIN
    begun: bool = False
    alarm: bool = False


MUST = {
    AWAY: Must(),
    SILENT: Must(),
    SLOW_DOWN: Must(),
    GARBLED: Must(),
    STRANGE: Must(OPENED, begun=True),
    INVALID: Must(alarm=True),
    KEYS: Must(alarm=True),
    KILLED_BEFORE: Must(NOTHING),
    KILLED_AFTER: Must(NOTHING),
}
FAULTS = [
    *(each for each in faults.of_plaid("INVALID_FIELD", "A_WORD_OF_TOMORROW") if each.name not in faults.ONE_OF_TWO),
    patched(GARBLED, "no token", drop=["link_token"]),
    patched(STRANGE, "a field too many", patch={"surprise": {"deep": [1]}}),
    patched(STRANGE, "fields missing", drop=["expiration", "request_id"]),
    patched(STRANGE, "a time that is none", patch={"expiration": "soon"}),
]


LINK, REPAIR = "/bank/link/", "/bank/repair/"
EACH_ROW = {each.row: each for each in FAULTS}.values()


@pytest.mark.parametrize(
    ("struck", "way"), [*((each, LINK) for each in FAULTS), *((each, REPAIR) for each in EACH_ROW)], ids=str
)
def test_a_start_that_is_struck_is_what_the_matrix_says(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, struck: Fault, way: str
) -> None:
    must, heard = MUST[struck.row], []
    if way == REPAIR:
        newcomer.linked().login.move_health(states.SIGN_IN, actor="a test")

    newcomer.struck(struck, lambda: heard.append(newcomer.told(way)), on=LINK_TOKEN)

    assert heard == ([] if struck.kills else [must.told])
    assert [session.is_open for session in LinkSession.objects.all()] == ([True] if must.begun else [])
    assert ("ERROR" in levels(caplog)) == must.alarm

    assert newcomer.begin(way).is_open


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS} == link_rows("link_token")

"""The column "relationship create": one can be active at the broker, so a lost answer is looked up, and asked again."""

from dataclasses import dataclass

import pytest
from pytest_django import Settings

from funding import states
from funding.models import ACHRelationship
from tests.funding.matrix import faults
from tests.funding.matrix.banks import CREATE, LISTED, Someone, someone
from tests.funding.matrix.faults import Fault, levels, patched
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
from tests.funding.standing import Clocks, fault
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.slow  # hundreds of them: `make check` leaves them to `make test`

ELSE = "00000000-0000-4000-8000-000000000000"
COMING, LOOKED_AT, REFUSED = "Being approved", "Being looked at", "Refused"


@dataclass(frozen=True)
class Must:
    """What must come of it: our half where it was made and where it was not, what the customer reads, an alarm."""

    made: str = states.ACCEPTED
    not_made: str = states.RESERVED
    word: str = COMING
    alarm: bool = False


MUST = {
    AWAY: Must(),
    SILENT: Must(),
    SLOW_DOWN: Must(),
    GARBLED: Must(),
    ANOTHER: Must(made=states.REVIEW, word=LOOKED_AT, alarm=True),
    STRANGE: Must(),
    INVALID: Must(not_made=states.REFUSED, word=REFUSED),
    KEYS: Must(alarm=True),
    CONFLICT: Must(),
    KILLED_BEFORE: Must(not_made=states.SENDING),
    KILLED_AFTER: Must(made=states.SENDING),
}
FAULTS = [
    *(each for each in faults.FAULTS if each.row != PERMISSION),
    patched(GARBLED, "no id", drop=["id"]),
    patched(ANOTHER, "another account", patch={"account_id": ELSE}),
    patched(STRANGE, "a field too many", patch={"surprise": {"deep": [1]}}),
    patched(STRANGE, "fields missing", drop=["status", "account_id", "created_at", "updated_at"]),
]


@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_a_relationship_that_is_struck_is_what_the_matrix_says(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, struck: Fault
) -> None:
    must, chosen = MUST[struck.row], newcomer.shared()
    at_first = must.made if struck.done else must.not_made

    newcomer.struck(struck, lambda: newcomer.link(chosen), on=CREATE)

    link = ACHRelationship.objects.get()
    assert (link.sending, newcomer.bank) == (at_first, must.word)
    assert len(newcomer.at_the_broker()) == struck.done
    assert ("ERROR" in levels(caplog)) == must.alarm

    newcomer.later()
    newcomer.later(seconds=10)

    link.refresh_from_db()
    stays = at_first in (states.REVIEW, states.REFUSED)
    assert link.sending == (at_first if stays else states.ACCEPTED)
    assert [row["id"] for row in newcomer.at_the_broker()] == newcomer.bound()
    assert link.processor_token == ""
    assert (len(newcomer.keys()), len(newcomer.at_plaid())) == ((0, 0) if link.ended_at else (1, 1))
    assert ACHRelationship.objects.count() == 1


def test_an_unknown_word_is_kept_and_reported_and_news_still_comes(
    newcomer: Someone, caplog: pytest.LogCaptureFixture
) -> None:
    strange = patched(STRANGE, "unknown word", patch={"status": "TELEPORTED"})

    newcomer.struck(strange, lambda: newcomer.link(newcomer.shared()), on=CREATE)

    link = ACHRelationship.objects.get()
    assert (link.sending, link.status, newcomer.bank) == (states.ACCEPTED, "TELEPORTED", COMING)
    assert "ERROR" in levels(caplog)

    newcomer.sandbox.post(f"/control/relationships/{link.alpaca_id}", status="APPROVED")
    newcomer.later()

    assert newcomer.bank == "Working"


def test_an_answer_that_names_a_relationship_of_somebody_else_is_not_believed(
    newcomer: Someone, clocks: Clocks, sandbox: Sandbox, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    grace = someone(sandbox, clocks, settings, "grace@example.com")
    theirs = grace.link(grace.shared())
    another = patched(ANOTHER, "another relationship", patch={"id": theirs.alpaca_id})

    newcomer.struck(another, lambda: newcomer.link(newcomer.shared()), on=CREATE)

    assert newcomer.bank == COMING
    assert "ERROR" in levels(caplog)

    newcomer.later()

    theirs.refresh_from_db()
    ours = ACHRelationship.objects.get(brokerage_account=newcomer.account)
    assert [row["id"] for row in newcomer.at_the_broker()] == [ours.alpaca_id]
    assert [row["id"] for row in grace.at_the_broker()] == [theirs.alpaca_id]


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit", "status_after_commit"])
def test_what_could_be_neither_heard_nor_looked_up_is_unknown_until_it_can(newcomer: Someone, kind: str) -> None:
    fault(newcomer.sandbox, "bad_gateway", LISTED)
    conflict = {"status": 409, "body": {"code": 40910000, "message": "conflict"}} if kind.startswith("status") else {}
    silent = Fault(SILENT, kind, kind, how=conflict)

    newcomer.struck(silent, lambda: newcomer.link(newcomer.shared()), on=CREATE)

    link = ACHRelationship.objects.get()
    assert (link.sending, newcomer.bank) == (states.UNKNOWN, COMING)

    newcomer.later()
    newcomer.later(seconds=10)

    link.refresh_from_db()
    assert link.sending == states.ACCEPTED
    assert [row["id"] for row in newcomer.at_the_broker()] == newcomer.bound() == [link.alpaca_id]


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS} == link_rows("create")

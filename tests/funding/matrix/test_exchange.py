"""The column "exchange": the one trade of a public token. Where its answer is lost, the item is, and nobody's money."""

from dataclasses import dataclass

import pytest

from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from funding.operations import linking
from tests.funding.matrix import faults
from tests.funding.matrix.banks import EXCHANGE, NONE, NOTHING, Someone
from tests.funding.matrix.faults import Fault, levels, patched
from tests.funding.matrix.table import (
    ANOTHER,
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
RELINK = linking.LinkStartsOver.customer_message
LINKED = ""  # the page of the bank account tells the rest
OPEN, ORPHAN, REFUSED, DONE = "", "orphan", "refused", "linked"


@dataclass(frozen=True)
class Must:
    """What must come of it: what the customer is told, what their pass through Link came to, an alarm."""

    told: str
    outcome: str
    alarm: bool = False
    later: str = ""  # what the pass came to once a worker has been, where that is something else


MUST = {
    AWAY: Must(AGAIN, OPEN),
    SILENT: Must(RELINK, ORPHAN, alarm=True),
    SLOW_DOWN: Must(AGAIN, OPEN),
    GARBLED: Must(RELINK, ORPHAN, alarm=True),
    STRANGE: Must(LINKED, DONE),
    INVALID: Must(RELINK, REFUSED),
    KEYS: Must(RELINK, REFUSED, alarm=True),  # by Plaid itself: whatever else answers so, tells nothing of the item
    KILLED_BEFORE: Must(NOTHING, OPEN, later=ORPHAN),
    KILLED_AFTER: Must(NOTHING, OPEN, later=ORPHAN),
}
FAULTS = [
    *faults.of_plaid("INVALID_PUBLIC_TOKEN"),
    patched(GARBLED, "no access token", drop=["access_token"]),
    patched(GARBLED, "no item", patch={"item_id": None}),
    patched(STRANGE, "a field too many", patch={"surprise": {"deep": [1]}}),
    patched(STRANGE, "a field missing", drop=["request_id"]),
]


def must_of(struck: Fault) -> Must:
    return Must(RELINK, ORPHAN, alarm=True) if struck.name in faults.BEFORE_PLAID else MUST[struck.row]


def outcome(of: LinkSession) -> str:
    """Return what a pass through Link came to, without Plaid's word."""
    return LinkSession.objects.get(pk=of.pk).outcome.partition(" ")[0]


@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_an_exchange_that_is_struck_is_what_the_matrix_says(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, struck: Fault
) -> None:
    must, heard = must_of(struck), []
    session, token = newcomer.begin(), newcomer.public_token()

    newcomer.struck(struck, lambda: heard.append(newcomer.finish(session, token)), on=EXCHANGE)

    assert heard == ([] if struck.kills else [must.told])
    assert (outcome(session), len(newcomer.keys())) == (must.outcome, must.outcome == DONE)
    assert ("ERROR" in levels(caplog)) == must.alarm

    caplog.clear()
    newcomer.later()

    assert outcome(session) == (must.later or must.outcome)
    assert ("ERROR" in levels(caplog)) == bool(must.later)
    assert len(newcomer.orphans()) <= LinkSession.objects.filter(outcome=ORPHAN).count()

    if newcomer.finish(session, token) == RELINK:
        assert outcome(session) in (ORPHAN, REFUSED)
        assert newcomer.bank == NONE
        newcomer.finish(newcomer.begin(), newcomer.public_token())

    assert ACHRelationship.objects.get().sending == states.ACCEPTED
    assert [row["id"] for row in newcomer.at_the_broker()] == newcomer.bound()
    assert not LinkSession.objects.exclude(outcome=OPEN).exclude(link_token="").exists()


@pytest.mark.parametrize("whose", ["one of ours", "one of nobody's"])
def test_an_answer_about_another_item_stops_there_and_is_an_alarm(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, whose: str
) -> None:
    ours = newcomer.sign_in()
    named = ours.plaid_item_id if whose == "one of ours" else "an item of nobody’s"
    session, token = newcomer.begin(), newcomer.public_token()
    heard: list[str] = []

    another = patched(ANOTHER, whose, patch={"item_id": named})
    newcomer.struck(another, lambda: heard.append(newcomer.finish(session, token)), on=EXCHANGE)

    assert heard == [RELINK if whose == "one of ours" else AGAIN]
    assert "ERROR" in levels(caplog)
    assert newcomer.bank == NONE

    newcomer.later(hours=25)  # what nobody has chosen an account of is given up after a day

    assert len(newcomer.orphans()) == LinkSession.objects.filter(outcome=ORPHAN).count()
    assert (newcomer.at_plaid() - newcomer.orphans(), newcomer.keys()) == (set(), [])
    assert not ACHRelationship.objects.exists()
    assert PlaidItem.objects.filter(removed_at=None).count() == 0


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS}
    assert set(MUST) | {ANOTHER} == link_rows("exchange")

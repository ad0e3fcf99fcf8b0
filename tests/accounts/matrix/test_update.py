"""The column "account update": what becomes of a change of details that a fault strikes, and what stands here of it.

A change sets values, so what nobody can tell of is read, and sent again where it is not as wanted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pytest_django import Settings

from accounts import states
from accounts.models import DetailsChange
from accounts.operations import details
from tests.accounts.changing import PATCH, Holder, Kind, holder
from tests.funding.matrix import faults
from tests.funding.matrix.faults import Fault, levels, patched, strike
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
from tests.funding.standing import Clocks, standing_still, work
from tests.harness.sandbox import Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.django_db]  # `make check` leaves them to `make test`

ELSE = "00000000-0000-4000-8000-000000000000"
ACCEPTED, REFUSED, WAITS, AGAIN, DEAD = (
    states.ACCEPTED,
    states.REFUSED,
    states.NOT_SENT,
    states.RESERVED,
    states.SENDING,
)


@dataclass(frozen=True)
class Must:
    """What must come of it: how it stands where it was done and where not, and an alarm."""

    done: str = ACCEPTED
    not_done: str = AGAIN
    alarm: bool = False


MUST = {
    AWAY: Must(not_done=WAITS),  # N: may be tried again
    SILENT: Must(),  # U, L
    SLOW_DOWN: Must(not_done=WAITS),  # wait
    GARBLED: Must(),  # U, L
    ANOTHER: Must(alarm=True),  # H: no answer to us, so it is read
    STRANGE: Must(),  # Q
    INVALID: Must(not_done=REFUSED),  # R per field
    KEYS: Must(not_done=WAITS, alarm=True),  # H
    PERMISSION: Must(not_done=REFUSED),  # R
    CONFLICT: Must(not_done=REFUSED),  # L
    KILLED_BEFORE: Must(not_done=DEAD),
    KILLED_AFTER: Must(done=DEAD),
}
FAULTS = [
    *faults.FAULTS,
    patched(ANOTHER, "another account", patch={"id": ELSE}),
    patched(STRANGE, "fields missing", drop=["contact", "identity", "account_number", "kyc_results"]),
    patched(STRANGE, "fields nobody knows", patch={"surprise": {"deep": [1]}}),
]


@pytest.fixture
def clocks(sandbox: Sandbox) -> Iterator[Clocks]:
    with standing_still(sandbox) as clocks:
        yield clocks


@pytest.fixture
def ada(clocks: Clocks, sandbox: Sandbox) -> Holder:
    return holder(sandbox)


def later(clocks: Clocks) -> None:
    """Let minutes pass three times, and a worker come by each time: a lease ends, it is read, it is sent."""
    for _ in range(3):
        clocks.advance(minutes=2)
        work()


def at_the_broker(ada: Holder) -> str:
    """Return the phone number in the broker's books."""
    phone: str = ada.at_the_broker()["contact"]["phone_number"]
    return phone


@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_a_change_that_is_struck_is_what_the_matrix_says(
    ada: Holder, clocks: Clocks, sandbox: Sandbox, settings: Settings, caplog: pytest.LogCaptureFixture, struck: Fault
) -> None:
    must, old = MUST[struck.row], at_the_broker(ada)
    new = ada.present(Kind.CONTACT) | {"phone": "+12015550177"}
    change = ada.ask(Kind.CONTACT, new)

    strike(struck, lambda: details.send(change=change, sender="a test"), on=PATCH, sandbox=sandbox, settings=settings)

    change.refresh_from_db()
    stands = must.done if struck.done else must.not_done
    assert change.status == stands
    assert at_the_broker(ada) == (new["phone"] if struck.done else old)
    assert ada.present(Kind.CONTACT) == (new if stands == ACCEPTED else change.before)
    assert ("ERROR" in levels(caplog)) == must.alarm

    later(clocks)

    change.refresh_from_db()
    ends = REFUSED if stands == REFUSED else ACCEPTED
    assert change.status == ends
    assert (ada.present(Kind.CONTACT) == new) == (at_the_broker(ada) == new["phone"]) == (ends == ACCEPTED)
    assert DetailsChange.objects.count() == 1


def test_an_unknown_status_is_kept_and_reported(
    ada: Holder, sandbox: Sandbox, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    strange = patched(STRANGE, "unknown word", patch={"status": "TELEPORTED"})
    change = ada.ask(Kind.CONTACT, ada.present(Kind.CONTACT) | {"phone": "+12015550177"})

    strike(strange, lambda: details.send(change=change, sender="a test"), on=PATCH, sandbox=sandbox, settings=settings)

    change.refresh_from_db()
    ada.account.refresh_from_db()
    assert (change.status, ada.account.status) == (ACCEPTED, "TELEPORTED")
    assert "ERROR" in levels(caplog)


def test_an_answer_that_tells_other_values_is_accepted_and_alarms(
    ada: Holder, sandbox: Sandbox, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    other = patched(ANOTHER, "another phone", patch={"contact": {"phone_number": "+12015550199"}})
    change = ada.ask(Kind.CONTACT, ada.present(Kind.CONTACT) | {"phone": "+12015550177"})

    strike(other, lambda: details.send(change=change, sender="a test"), on=PATCH, sandbox=sandbox, settings=settings)

    change.refresh_from_db()
    assert change.status == ACCEPTED
    assert change.events.get(after=ACCEPTED).evidence == {"told otherwise": ["phone"]}
    assert "ERROR" in levels(caplog)


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS}

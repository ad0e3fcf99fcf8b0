"""The column "transfer create": what one POST for money comes to, whatever becomes of it. It is never sent twice."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from pytest_django import Settings

from funding import states, wording
from funding.models import SendAttempt, Transfer
from funding.operations import limits, transfers
from tests.funding.matrix import faults
from tests.funding.matrix.faults import Fault, levels, patched, strike, watch
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
from tests.funding.standing import IN, OUT, POST, SENDER, Clocks, Customer, read_anew, work
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.slow  # hundreds of them: `make check` leaves them to `make test`

ELSE = "00000000-0000-4000-8000-000000000000"
LOOK_UP = "what the broker's list shows"


@dataclass(frozen=True)
class Must:
    """What must come of it: our half, what the customer reads, the hold, an alarm; `then`: once a worker has been."""

    sending: str
    word: str
    held: bool
    alarm: bool = False
    then: str = ""


MUST = {
    AWAY: Must(states.NOT_SENT, "Not sent", held=False),
    SILENT: Must(states.UNKNOWN, "Confirming", held=True, then=LOOK_UP),
    SLOW_DOWN: Must(states.NOT_SENT, "Not sent", held=False),
    GARBLED: Must(states.UNKNOWN, "Confirming", held=True, then=LOOK_UP),
    ANOTHER: Must(states.REVIEW, "Confirming", held=True, alarm=True),
    STRANGE: Must(states.ACCEPTED, "On its way", held=True),
    INVALID: Must(states.REFUSED, "Refused", held=False),
    KEYS: Must(states.REFUSED, "Refused", held=False, alarm=True),
    PERMISSION: Must(states.REFUSED, "Refused", held=False),
    CONFLICT: Must(states.UNKNOWN, "Confirming", held=True, then=LOOK_UP),
    KILLED_BEFORE: Must(states.SENDING, "Being sent", held=True, then=LOOK_UP),
    KILLED_AFTER: Must(states.SENDING, "Being sent", held=True, then=LOOK_UP),
}


FAULTS = [
    *faults.FAULTS,
    patched(ANOTHER, "another account", patch={"account_id": ELSE}),
    patched(ANOTHER, "another bank", patch={"relationship_id": ELSE}),
    patched(ANOTHER, "another amount", patch={"amount": "5000.00", "requested_amount": "5000.00"}),
    patched(ANOTHER, "no amount", patch={"amount": "0.00", "requested_amount": "0.00"}),
    patched(ANOTHER, "another direction", patch={"direction": "SIDEWAYS"}),
    patched(STRANGE, "unknown word", patch={"status": "TELEPORTED"}),
    patched(STRANGE, "a field too many", patch={"surprise": {"deep": [1]}, "type": "quantum"}),
    patched(STRANGE, "fields missing", drop=["status", "amount", "requested_amount", "account_id", "created_at"]),
]


def withdrawable(ada: Customer) -> Decimal:
    found = limits.withdrawable(account=read_anew(ada.account))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("struck", "direction"),
    [*((struck, OUT) for struck in FAULTS), *((struck, IN) for struck in {each.row: each for each in FAULTS}.values())],
    ids=str,
)
def test_a_transfer_that_is_struck_is_what_the_matrix_says(
    clocks: Clocks, ada: Customer, sandbox: Sandbox, settings: Settings, caplog: pytest.LogCaptureFixture,
    struck: Fault, direction: str,
) -> None:  # fmt: skip
    must = MUST[struck.row]
    transfer = ada.ask("50.00", direction)

    strike(
        struck, lambda: transfers.send(transfer=transfer, sender=SENDER), on=POST, sandbox=sandbox, settings=settings
    )
    sent_again = watch(sandbox)
    first = read_anew(Transfer.objects.get(pk=transfer.pk))

    assert (first.sending, wording.of_transfer(first).word) == (must.sending, must.word)
    assert bool(levels(caplog)) == (must.alarm or struck.name == "unknown word")
    assert (direction == IN) or (withdrawable(ada) == Decimal("950.00" if must.held else "1000.00"))
    assert (first.sending in states.IN_DOUBT) == is_kept_waiting(ada, direction)

    clocks.advance(minutes=2)
    work()
    work()

    last = read_anew(first)
    after_look_up = states.ACCEPTED if struck.done else states.UNKNOWN
    assert last.sending == (after_look_up if must.then == LOOK_UP else must.sending)
    assert [row["id"] for row in ada.at_the_broker()] == ([last.alpaca_id] if struck.done else [])
    assert (direction == IN) or (withdrawable(ada) < 1000) == must.held
    assert SendAttempt.objects.filter(transfer=transfer).count() == 1
    assert sent_again() == 0


def is_kept_waiting(ada: Customer, direction: str) -> bool:
    """Say whether another transfer in this direction has to wait; it is only asked for, and taken back."""
    try:
        ada.ask("60.00", direction).move_sending(states.WITHDRAWN, actor="a test")
    except transfers.TransferInDoubt:
        return True
    return False


def test_an_unknown_word_is_kept_as_it_came(ada: Customer, sandbox: Sandbox, settings: Settings) -> None:
    transfer = ada.ask("50.00")
    strange = next(each for each in FAULTS if each.name == "unknown word")

    strike(
        strange, lambda: transfers.send(transfer=transfer, sender=SENDER), on=POST, sandbox=sandbox, settings=settings
    )

    assert read_anew(transfer).status == transfer.attempt.answer["status"] == "TELEPORTED"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("maximum number of ACH transfers allowed is 1 per trading day in each direction", "one transfer each way"),
        ("withdrawals are not permitted for this account", "does not allow this at the moment"),
        ("transfer amount must be less than withdrawable cash", "more than you can withdraw"),
        ("the moon is in the wrong house", "Write to us"),
    ],
)
def test_a_refusal_is_shown_in_our_own_words(ada: Customer, sandbox: Sandbox, message: str, shown: str) -> None:
    sandbox.post(
        "/control/faults", route=POST, kind="status", times=1, status=422, body={"code": 42210000, "message": message}
    )

    words = wording.of_transfer(ada.move("50.00"))

    assert "no money moved" in words.lede
    assert shown in words.lede


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS} == rows("create")

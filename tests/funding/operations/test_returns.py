"""What a bank's return does to the transfer, to its relationship, and to what may follow."""

import pytest

from funding import states
from funding.models import ACHRelationship, Transfer
from funding.operations import settlement
from tests import make
from tests.funding.standing import IN, OUT, T0, event, read_anew


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


KEPT = ["R01", "R09", "R18", "R21", "R61", "R85"]
STOPPED = [
    *("R02", "R03", "R04", "R12", "R13", "R20", "R28"),
    *("R08", "R16", "R23", "R24"),
    *("R05", "R07", "R10", "R11", "R29", "R51"),
    *("R14", "R15", "R17", "R06", "R31", "R90"),
]
NO_CODE = ["", "returned by the bank", "R1", "R012", "ERR01", "r01 in small letters"]


def returned(bank: ACHRelationship, reason: str, *, direction: str = IN, days: int = 0) -> Transfer:
    """Let a settled transfer come back."""
    transfer = make.transfer(bank, direction=direction, status=states.COMPLETE, settled_at=T0)
    settlement.apply_event(event(transfer, states.RETURNED, minutes=days * 24 * 60, reason=reason))
    bank.refresh_from_db()
    return read_anew(transfer)


@pytest.mark.parametrize("code", KEPT)
def test_a_return_that_says_nothing_of_the_bank_keeps_it(bank: ACHRelationship, code: str) -> None:
    transfer = returned(bank, f"{code} - for some reason")

    assert transfer.return_code == code
    assert bank.usable


@pytest.mark.parametrize("code", STOPPED)
def test_a_return_that_tells_of_the_bank_stops_it(bank: ACHRelationship, code: str) -> None:
    transfer = returned(bank, f"{code} - for some reason")

    assert transfer.return_code == code
    assert (bank.usable, bank.may_become_usable_for(OUT)) == (False, False)
    assert bank.events.filter(field="suspended").count() == 1


@pytest.mark.parametrize("prose", NO_CODE)
def test_a_return_without_a_code_stops_the_bank(bank: ACHRelationship, prose: str) -> None:
    transfer = returned(bank, prose)

    assert transfer.return_code == ""
    assert not bank.may_become_usable_for(OUT)


@pytest.mark.parametrize(("first", "second"), [("R01", "R01"), ("R01", "R09"), ("R09", "R01")])
@pytest.mark.parametrize("order", [(0, 59), (59, 0), (0, 0)], ids=str)
def test_a_second_return_for_lack_of_money_stops_the_bank(
    bank: ACHRelationship, first: str, second: str, order: tuple[int, int]
) -> None:
    returned(bank, first, days=order[0])

    returned(bank, second, days=order[1])

    assert not bank.usable


@pytest.mark.parametrize(("first", "second", "days"), [("R01", "R01", 61), ("R18", "R01", 1), ("R18", "R18", 1)])
def test_returns_that_have_nothing_in_common_keep_the_bank(
    bank: ACHRelationship, first: str, second: str, days: int
) -> None:
    returned(bank, first)

    returned(bank, second, days=days)

    assert bank.usable


def test_a_returned_withdrawal_has_its_money_back(bank: ACHRelationship) -> None:
    transfer = returned(bank, "R03 - No Account", direction=OUT)

    assert (transfer.status, transfer.return_code) == (states.RETURNED, "R03")
    assert not bank.usable

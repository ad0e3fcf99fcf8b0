"""Cash matched by hand: what two persons agree on is bound, and what does not belong together is refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.operations import leases
from brokerage import banking_days
from funding import states
from funding.models import ACHRelationship, Break, CashActivity, Transfer
from funding.operations import breaks, cash_books, cash_matching
from funding.operations.breaks import DISMISS, MATCH
from tests import make
from tests.funding.cash import cash, missing, settled, unexplained
from tests.funding.standing import OUT, read_anew

TODAY = timezone.now()
LONG_AGO = TODAY - timedelta(days=30)


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


@pytest.fixture
def people(db: None) -> tuple[User, User]:
    first, second = (make.user(f"{name}@example.com", is_staff=True) for name in ("first", "second"))
    return first, second


def match(row: CashActivity, transfer: Transfer) -> dict[str, str]:
    return {"do": MATCH, "cash": str(row.pk), "transfer": str(transfer.pk)}


def far(bank: ACHRelationship, amount: str = "250.00") -> tuple[CashActivity, Transfer]:
    """Make two that belong to each other, and that are too far apart in time for any rule."""
    return cash(bank, amount), settled(bank, amount.lstrip("-"), settled_at=LONG_AGO)


# --- Who decides ------------------------------------------------------------------------------------------------------


def test_two_persons_match_what_no_rule_would(bank: ACHRelationship, people: tuple[User, User]) -> None:
    (row, transfer), (first, second) = far(bank), people
    found, other = unexplained(row), missing(transfer)

    ended = breaks.propose(row=found, person=first, because="the broker says so", proposal=match(row, transfer))
    assert (ended, read_anew(row).role, read_anew(found).state) == (False, "", Break.ASKED)
    breaks.agree(row=found, person=second, because="I read their e-mail")

    assert (read_anew(row).transfer, row.role) == (transfer, CashActivity.BOOKING)
    [event] = row.events.all()
    assert (event.actor, event.because) == (f"ops {second.pk}", "I read their e-mail")
    assert event.evidence == {"transfer": str(transfer.pk), "role": "BOOKING"}
    assert (read_anew(found).state, found.decided_by, found.asked_by) == (Break.HEALED, second, first)
    assert read_anew(other).is_open  # until the next run


def test_the_next_run_keeps_it_and_ends_the_other_half(bank: ACHRelationship, people: tuple[User, User]) -> None:
    (row, transfer), (first, second) = far(bank), people
    found = unexplained(row)
    CashActivity.objects.update(created_at=LONG_AGO)
    assert [each.code for each in _run(bank)] == ["CASH_ANOTHER_DAY"]

    breaks.propose(row=found, person=first, because="late", proposal=match(row, transfer))
    breaks.agree(row=found, person=second, because="late")

    assert _run(bank) == []
    assert read_anew(row).transfer == transfer


def _run(bank: ACHRelationship) -> list[Any]:
    [(_, _, found)] = cash_books.match_accounts([bank.brokerage_account], dry_run=False)
    return found


def test_nobody_agrees_to_their_own_proposal(bank: ACHRelationship, people: tuple[User, User]) -> None:
    (row, transfer), (first, _) = far(bank), people
    found = unexplained(row)
    breaks.propose(row=found, person=first, because="late", proposal=match(row, transfer))

    with pytest.raises(breaks.NotYours):
        breaks.agree(row=found, person=first, because="me, too")

    assert (read_anew(row).role, read_anew(found).state) == ("", Break.ASKED)


@pytest.mark.parametrize("asked_by_same", [True, False], ids=["the same person", "one alone"])
def test_the_database_wants_two_persons(bank: ACHRelationship, people: tuple[User, User], asked_by_same: bool) -> None:
    found = unexplained(cash(bank, "250.00"))
    asked = people[0] if asked_by_same else None
    ended = {"state": Break.DISMISSED, "decided_by": people[0], "ended_at": TODAY}

    with pytest.raises(IntegrityError), transaction.atomic():
        Break.objects.filter(pk=found.pk).update(asked_by=asked, **ended)


def test_one_person_matches_where_no_money_hangs_on_it(bank: ACHRelationship, people: tuple[User, User]) -> None:
    transfer = settled(bank, status=states.RETURNED, settled_at=LONG_AGO, ended_at=LONG_AGO)
    cash(bank, "250.00", transfer=transfer, role=CashActivity.BOOKING)
    row = cash(bank, "-250.00", kind="CSD")
    found = missing(transfer, kind="RETURN_NOT_BOOKED")

    assert breaks.propose(row=found, person=people[0], because="late", proposal=match(row, transfer))

    assert (read_anew(row).role, read_anew(found).state) == (CashActivity.REVERSAL, Break.HEALED)


def test_a_break_that_changed_since_is_not_agreed_to(bank: ACHRelationship, people: tuple[User, User]) -> None:
    found = unexplained(cash(bank, "250.00"))
    breaks.propose(row=found, person=people[0], because="fine", proposal={"do": DISMISS})
    found.events.create(field="seen", actor="reconciliation", because="other amount")

    with pytest.raises(breaks.LooksOtherwise):
        breaks.agree(row=found, person=people[1], because="fine")

    breaks.decline(row=found, person=people[1], because="look again")
    assert (read_anew(found).state, found.proposal, found.asked_by) == (Break.OPEN, {}, None)


# --- What is refused --------------------------------------------------------------------------------------------------


def _of_another_account(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    other = make.relationship(make.account(make.user("bo@example.com")))
    return cash(bank, "250.00"), settled(other)


def _of_nobody(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    return cash(bank, "250.00", brokerage_account=None), settled(bank)


def _other_way(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    return cash(bank, "250.00"), settled(bank, direction=OUT)


def _other_amount(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    return cash(bank, "250.01"), settled(bank)


def _taken(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    transfer = settled(bank)
    cash(bank, "250.00", transfer=transfer, role=CashActivity.BOOKING)
    return cash(bank, "250.00"), transfer


def _matched(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    return cash(bank, "250.00", transfer=settled(bank), role=CashActivity.BOOKING), settled(bank)


def _void(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    return cash(bank, "250.00", status=CashActivity.CANCELED), settled(bank)


def _moving(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    return cash(bank, "250.00"), make.transfer(bank)


def _canceled(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    return cash(bank, "250.00"), make.transfer(bank, status=states.CANCELED)


def _not_returned(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    return cash(bank, "-250.00", kind="CSD"), settled(bank)


REFUSED = {
    _of_another_account: cash_matching.AnotherAccount,
    _of_nobody: cash_matching.AnotherAccount,
    _other_way: cash_matching.AnotherDirection,
    _other_amount: cash_matching.AnotherAmount,
    _taken: cash_matching.RoleTaken,
    _matched: cash_matching.MatchedAlready,
    _void: cash_matching.TakenBack,
    _moving: cash_matching.NotSettled,
    _canceled: cash_matching.NotSettled,
    _not_returned: cash_matching.NotSettled,
}


@pytest.mark.parametrize("two", REFUSED, ids=lambda two: two.__name__)
def test_what_does_not_belong_together_is_refused_when_asked_and_when_done(
    bank: ACHRelationship, people: tuple[User, User], two: Any
) -> None:
    row, transfer = two(bank)
    found = unexplained(row)

    with pytest.raises(REFUSED[two]):
        breaks.propose(row=found, person=people[0], because="so", proposal=match(row, transfer))
    with pytest.raises(REFUSED[two]), transaction.atomic():
        cash_matching.match_by_hand(cash=row, transfer=transfer, person=people[0], because="so")

    assert read_anew(found).state == Break.OPEN
    assert not row.events.exists()


def test_what_was_taken_meanwhile_leaves_the_proposal_as_it_was(
    bank: ACHRelationship, people: tuple[User, User]
) -> None:
    row, transfer = far(bank)
    found = unexplained(row)
    breaks.propose(row=found, person=people[0], because="late", proposal=match(row, transfer))
    cash(bank, "250.00", transfer=transfer, role=CashActivity.BOOKING)

    with pytest.raises(cash_matching.RoleTaken):
        breaks.agree(row=found, person=people[1], because="late")

    assert (read_anew(found).state, read_anew(row).role) == (Break.ASKED, "")


def test_nothing_is_matched_while_reconciliation_matches(bank: ACHRelationship, people: tuple[User, User]) -> None:
    row, transfer = far(bank)
    found = unexplained(row)
    breaks.propose(row=found, person=people[0], because="late", proposal=match(row, transfer))

    with leases.held("reconcile cash", holder="a run"), pytest.raises(leases.HeldByAnother):
        breaks.agree(row=found, person=people[1], because="late")

    assert read_anew(row).role == ""


# --- Taking it back, and choosing -------------------------------------------------------------------------------------


def test_a_match_is_taken_back_and_the_break_may_come_again(bank: ACHRelationship, people: tuple[User, User]) -> None:
    row, transfer = far(bank)
    found = unexplained(row)
    breaks.propose(row=found, person=people[0], because="late", proposal=match(row, transfer))
    breaks.agree(row=found, person=people[1], because="late")

    cash_matching.unmatch(cash=row, person=people[0], because="it was another one")

    assert (read_anew(row).transfer, row.role, row.matched_at) == (None, "", None)
    assert [event.before or event.after for event in row.events.all()] == ["BOOKING", "BOOKING"]
    CashActivity.objects.update(created_at=LONG_AGO)
    book = breaks.Book([bank.brokerage_account_id], ["CASH_ANOTHER_DAY", "CASH_UNEXPLAINED"])
    book.keep(bank.brokerage_account_id, _run(bank))
    assert Break.objects.filter(ended_at=None, kind="CASH_ANOTHER_DAY").exists()
    with pytest.raises(cash_matching.NotMatched):
        cash_matching.unmatch(cash=row, person=people[0], because="again")


def test_those_that_fit_are_offered_the_nearest_first(bank: ACHRelationship) -> None:
    row = cash(bank, "250.00", on=banking_days.today(TODAY) - timedelta(days=20))
    distant, near = (settled(bank, settled_at=TODAY - timedelta(days=days)) for days in (60, 18))
    taken = settled(bank)
    cash(bank, "250.00", transfer=taken, role=CashActivity.BOOKING)
    make.transfer(bank)
    settled(bank, "250.01")
    settled(bank, direction=OUT)
    settled(make.relationship(make.account(make.user("bo@example.com"))))

    assert cash_matching.transfers_for(row) == [near, distant]
    assert cash_matching.rows_for(near) == [row]
    assert cash_matching.rows_for(taken) == []


def test_what_was_taken_back_is_offered_to_what_came_back(bank: ACHRelationship) -> None:
    transfer = settled(bank, status=states.RETURNED, ended_at=TODAY)
    booking = cash(bank, "250.00", transfer=transfer, role=CashActivity.BOOKING)
    row = cash(bank, "-250.00", kind="CSD")

    assert cash_matching.rows_for(transfer) == [row]
    assert cash_matching.transfers_for(row) == [transfer]
    assert cash_matching.role_of(row, transfer) == CashActivity.REVERSAL
    assert cash_matching.role_of(booking, transfer) == CashActivity.BOOKING


def test_both_are_found_by_their_names(bank: ACHRelationship) -> None:
    row, transfer = far(bank)

    assert cash_matching.cash_named(row.alpaca_id) == row
    assert cash_matching.transfer_named(str(transfer.pk)) == transfer
    assert cash_matching.transfer_named(transfer.alpaca_id or "") == transfer
    for name in ("", "x", str(Decimal(1)), "9" * 5000):
        with pytest.raises(cash_matching.NotThere):
            cash_matching.transfer_named(name)

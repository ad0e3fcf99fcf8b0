"""The tables of moves, walked; and the constraints that hold where Python might slip."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from funding import states
from funding.models import ACHRelationship, Reversal, SendAttempt, Transfer
from tests import make
from tests.funding.standing import IN, OUT, in_doubt

SENDINGS = sorted(states.SENDING_MOVES)
KNOWN = sorted(word for word in states.RANK if word)


def reachable(start: str) -> set[str]:
    """Return every state that may ever follow `start`."""
    found: set[str] = set()
    ahead = set(states.SENDING_MOVES[start])
    while ahead:
        found |= ahead
        ahead = {after for each in ahead for after in states.SENDING_MOVES[each]} - found
    return found


@pytest.mark.parametrize("start", [state for state in SENDINGS if state not in states.UNSENT])
def test_no_way_leads_back_to_sending(start: str) -> None:
    assert states.SENDING not in reachable(start)
    assert not states.UNSENT & reachable(start)


def test_only_a_reserved_transfer_is_ever_sent() -> None:
    assert [state for state in SENDINGS if states.SENDING in states.SENDING_MOVES[state]] == [states.RESERVED]


def test_what_never_happened_has_no_way_on() -> None:
    assert all(not states.SENDING_MOVES[state] for state in states.NEVER_HAPPENED)


def test_every_state_is_in_doubt_or_over_or_accepted() -> None:
    assert set(SENDINGS) == states.IN_DOUBT | states.NEVER_HAPPENED | {states.ACCEPTED}


@given(st.lists(st.sampled_from(KNOWN), min_size=1, max_size=12))
def test_the_brokers_words_never_walk_in_a_circle(words: list[str]) -> None:
    taken, at = [""], ""
    for word in words:
        if states.status_may_move(at, word):
            at = word
            taken.append(word)

    assert len(set(taken)) == len(taken)
    assert [states.RANK[word] for word in taken] == sorted(states.RANK[word] for word in taken)


@given(st.sampled_from(sorted(states.FINAL)), st.text(max_size=20))
def test_an_end_is_an_end_for_every_word(end: str, word: str) -> None:
    assert not states.status_may_move(end, word)


@pytest.mark.parametrize("word", [word for word in KNOWN if word != states.RETURNED])
def test_settled_money_can_only_be_returned(word: str) -> None:
    assert not states.status_may_move(states.COMPLETE, word)


# --- In the database --------------------------------------------------------------------------------------------------


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def test_the_database_refuses_a_second_attempt(bank: ACHRelationship) -> None:
    transfer = in_doubt(bank)

    with pytest.raises(IntegrityError), transaction.atomic():
        SendAttempt.objects.create(
            transfer=transfer, sender="another", lease_until=timezone.now() + timedelta(seconds=60)
        )

    assert SendAttempt.objects.count() == 1


def test_the_database_refuses_a_second_reversal(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, status=states.RETURNED)
    Reversal.objects.create(transfer=transfer, amount=transfer.amount)

    with pytest.raises(IntegrityError), transaction.atomic():
        Reversal.objects.create(transfer=transfer, amount=transfer.amount)


@pytest.mark.parametrize("first", [states.SENDING, states.UNKNOWN])
@pytest.mark.parametrize("second", [states.SENDING, states.UNKNOWN])
def test_the_database_holds_one_transfer_in_flight_each_way(bank: ACHRelationship, first: str, second: str) -> None:
    make.transfer(bank, direction=IN, sending=first)
    make.transfer(bank, direction=OUT, sending=first)

    with pytest.raises(IntegrityError), transaction.atomic():
        make.transfer(bank, direction=IN, sending=second)


def test_the_database_binds_a_brokers_transfer_once(bank: ACHRelationship) -> None:
    made = make.transfer(bank)

    with pytest.raises(IntegrityError), transaction.atomic():
        make.transfer(bank, alpaca_id=made.alpaca_id)


def test_the_database_takes_one_transfer_for_a_form(bank: ACHRelationship) -> None:
    made = make.transfer(bank)

    with pytest.raises(IntegrityError), transaction.atomic():
        make.transfer(bank, form_key=made.form_key)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": Decimal("0.00")},
        {"amount": Decimal("-0.01")},
        {"direction": "SIDEWAYS"},
        {"form_key": None},
        {"relationship": None},
        {"alpaca_id": None},
    ],
    ids=str,
)
def test_the_database_refuses_a_transfer_that_makes_no_sense(bank: ACHRelationship, wrong: dict[str, object]) -> None:
    transfer = make.transfer(bank)

    with pytest.raises(IntegrityError), transaction.atomic():
        Transfer.objects.filter(pk=transfer.pk).update(**wrong)


def test_the_database_holds_one_active_relationship_an_account(bank: ACHRelationship) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make.relationship(bank.brokerage_account)


def test_an_ended_relationship_makes_room(bank: ACHRelationship) -> None:
    bank.move_status(states.REJECTED, actor="broker")

    assert make.relationship(bank.brokerage_account).ended_at is None

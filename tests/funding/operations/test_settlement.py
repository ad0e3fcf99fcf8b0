"""News of transfers and relationships: in any order, any number of times, once each."""

import uuid
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brokerage.gateways.broker_answers import FundingEvent
from funding import states, verbatim
from funding.models import ACHRelationship, Reversal, Transfer
from funding.operations import settlement
from tests import make
from tests.funding.standing import OUT, T0, event, read_anew

R01 = "R01 - Insufficient Funds"
STORY = [(states.QUEUED, ""), (states.SENT_TO_CLEARING, ""), (states.COMPLETE, ""), (states.RETURNED, R01)]


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def story(of: Transfer) -> list[Any]:
    return [event(of, status, minutes=n, reason=reason) for n, (status, reason) in enumerate(STORY)]


def ending(transfer: Transfer) -> dict[str, Any]:
    """Return all that may matter in the end."""
    transfer = Transfer.objects.get(pk=transfer.pk)
    return {
        "status": transfer.status,
        "settled_at": transfer.settled_at,
        "ended_at": transfer.ended_at,
        "return_code": transfer.return_code,
        "reason": transfer.reason,
        "reversals": list(Reversal.objects.filter(transfer=transfer).values_list("amount", "return_code")),
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_neither_order_nor_repetition_matters(bank: ACHRelationship, data: st.DataObject) -> None:
    plain, mixed = make.transfer(bank), make.transfer(bank)
    news = story(mixed)
    extra = data.draw(st.lists(st.sampled_from(news), max_size=5))
    for each in story(plain):
        settlement.apply_event(each)

    for each in data.draw(st.permutations([*news, *extra])):
        settlement.apply_event(each)

    assert ending(mixed) == ending(plain)


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(map(str, order)))
def test_a_return_after_settling_is_reversed_once_however_the_news_comes(
    bank: ACHRelationship, order: tuple[int, ...]
) -> None:
    transfer = make.transfer(bank, "75.00")
    news = story(transfer)

    for n in (*order, *order):
        settlement.apply_event(news[n])

    found = ending(transfer)
    assert found["status"] == states.RETURNED
    assert found["settled_at"] == T0 + timedelta(minutes=2)
    assert [str(amount) for amount, _ in found["reversals"]] == ["75.00"]


def test_an_event_acts_once(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank)
    first = event(transfer, states.SENT_TO_CLEARING, name="01J")

    settlement.apply_event(first)
    settlement.apply_event(first)
    settlement.apply_event(event(transfer, states.COMPLETE, minutes=5, name="01J"))

    assert read_anew(transfer).status == states.SENT_TO_CLEARING
    assert transfer.events.filter(field="status").count() == 1


def test_older_news_never_overwrites_newer(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank)
    settlement.apply_event(event(transfer, "TELEPORTED", minutes=5))

    settlement.apply_event(event(transfer, states.SENT_TO_CLEARING, minutes=4))

    assert read_anew(transfer).status == "TELEPORTED"


def test_news_of_the_same_moment_goes_by_rank(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank)

    settlement.apply_event(event(transfer, states.COMPLETE))
    settlement.apply_event(event(transfer, states.SENT_TO_CLEARING))

    assert read_anew(transfer).status == states.COMPLETE


def test_a_word_we_do_not_know_is_kept_reported_and_left_behind(
    bank: ACHRelationship, caplog: pytest.LogCaptureFixture
) -> None:
    transfer = make.transfer(bank)

    settlement.apply_event(event(transfer, "TELEPORTED", minutes=1))
    kept = read_anew(transfer).status
    settlement.apply_event(event(transfer, states.COMPLETE, minutes=2))

    assert kept == "TELEPORTED"
    assert any(record.levelname == "ERROR" and "TELEPORTED" in record.message for record in caplog.records)
    assert read_anew(transfer).status == states.COMPLETE


@pytest.mark.parametrize("field", ["entity_type", "entity_id", "account_id", "status", "reason", "event_id"])
def test_an_event_with_a_gap_stops_nothing(bank: ACHRelationship, field: str) -> None:
    transfer = make.transfer(bank)
    given = event(transfer, states.COMPLETE)

    settlement.apply_event(FundingEvent(**{**given.__dict__, field: "", "at": None}))

    assert read_anew(transfer).status in (states.QUEUED, states.COMPLETE)


def test_news_that_names_another_account_is_reported(bank: ACHRelationship, caplog: pytest.LogCaptureFixture) -> None:
    transfer = make.transfer(bank)

    settlement.apply_event(replace(event(transfer, states.COMPLETE), account_id=str(uuid.uuid4())))
    settlement.apply_event(replace(event(transfer, states.RETURNED, minutes=1), account_id=""))

    assert read_anew(transfer).status == states.RETURNED
    assert ["names another account" in record.message for record in caplog.records].count(True) == 1


def test_news_of_what_we_do_not_know_changes_nothing(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank)
    strange = FundingEvent("01J", T0, "Transfer", str(uuid.uuid4()), "", states.COMPLETE, "")

    assert settlement.apply_event(strange) is None
    assert read_anew(transfer).status == states.QUEUED


def test_a_word_between_settling_and_return_hides_neither(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, "75.00")

    for minutes, status in enumerate((states.COMPLETE, "RECLAIMED", states.RETURNED)):
        settlement.apply_event(event(transfer, status, minutes=minutes, reason=R01))

    assert [str(amount) for amount, _ in ending(transfer)["reversals"]] == ["75.00"]


def test_a_return_that_reconciliation_told_first_is_reversed(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, "75.00")
    settlement.apply(transfer=transfer, status=states.RETURNED, actor="reconciliation", reason=R01)

    for each in story(transfer):
        settlement.apply_event(each)

    assert ending(transfer)["settled_at"] == T0 + timedelta(minutes=2)
    assert Reversal.objects.count() == 1


def test_a_return_before_settling_needs_no_reversal(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, status=states.SENT_TO_CLEARING)

    settlement.apply_event(event(transfer, states.RETURNED, reason=R01))

    assert ending(transfer)["reversals"] == []


@pytest.mark.parametrize("word", ["TELE\x00PORTED", "\ud800", "X" * 500, "Ünïcödé", "'; DROP TABLE"])
def test_no_word_is_too_odd_to_be_kept(bank: ACHRelationship, word: str) -> None:
    transfer = make.transfer(bank)

    settlement.apply_event(event(transfer, word, reason=word * 2, name="1"))
    settlement.apply_event(event(bank, word, reason=word * 2, name="2"))

    assert read_anew(transfer).status == read_anew(bank).status == verbatim.text(word, 40)


# --- Relationships ----------------------------------------------------------------------------------------------------


@pytest.fixture
def queued(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()), status=states.QUEUED)


def test_an_approved_bank_may_be_used(queued: ACHRelationship) -> None:
    settlement.apply_event(event(queued, states.APPROVED))

    assert read_anew(queued).usable


@pytest.mark.parametrize("end", [states.REJECTED, states.CANCELED])
def test_a_bank_that_ends_takes_along_what_waited_for_it(queued: ACHRelationship, end: str) -> None:
    waiting = make.transfer(queued, sending=states.RESERVED)
    accepted = make.transfer(queued, direction=OUT)

    settlement.apply_event(event(queued, end, reason="the owner's name differs"))

    assert (read_anew(queued).status, queued.reason) == (end, "the owner's name differs")
    assert queued.ended_at is not None
    assert read_anew(waiting).sending == states.WITHDRAWN
    assert read_anew(accepted).sending == states.ACCEPTED


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_order_of_a_banks_news_does_not_matter(queued: ACHRelationship, order: tuple[int, ...]) -> None:
    news = [event(queued, status, minutes=n) for n, status in enumerate(("PENDING", "APPROVED", "CANCELED"))]

    for n in (*order, *order):
        settlement.apply_event(news[n])

    assert read_anew(queued).status == states.CANCELED


def test_a_banks_word_that_we_do_not_know_is_kept(queued: ACHRelationship, caplog: pytest.LogCaptureFixture) -> None:
    settlement.apply_event(event(queued, "PONDERED"))

    assert read_anew(queued).status == "PONDERED"
    assert not queued.usable
    assert any(record.levelname == "ERROR" for record in caplog.records)

"""Ops stop the transfers through a bank account, and let them go on: each time with a reason, each time told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from funding import bank_wording, states
from funding.models import ACHRelationship, Transfer
from funding.operations import bank_stops, left_behind, succession
from tests import make
from tests.funding.standing import IN, OUT, Customer, at_once, read_anew


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


@pytest.fixture
def ann(db: None) -> User:
    return make.user("ann@example.com", is_staff=True)


def told(of: ACHRelationship) -> list[str]:
    return list(of.brokerage_account.user.notices.order_by("created_at").values_list("kind", flat=True))


def last_of(bank: ACHRelationship) -> tuple[str, str, str, str]:
    noted = bank.events.filter(field="suspended").latest("at")
    return noted.before, noted.after, noted.actor, noted.because


def test_a_stopped_bank_account_lets_nothing_through_and_the_customer_is_told(bank: ACHRelationship, ann: User) -> None:
    bank_stops.suspend(relationship=bank, because="the customer's son called", person=ann)

    stopped = read_anew(bank)
    assert not stopped.usable_for(IN)
    assert not stopped.usable_for(OUT)
    assert last_of(bank) == ("", "suspended", f"ops {ann.pk}", "the customer's son called")
    assert told(bank) == ["BANK_SUSPENDED"]


def test_the_customer_reads_nothing_of_the_reason(bank: ACHRelationship, ann: User) -> None:
    bank_stops.suspend(relationship=bank, because="looks like a mule", person=ann)
    waiting = make.transfer(bank, sending=states.RESERVED)

    notice = bank.brokerage_account.user.notices.get()
    shown = [bank_wording.of_relationship(read_anew(bank)).lede, notice.title, notice.body, waiting.reason]
    assert "we are looking into something" in shown[0]
    assert not [words for words in shown if "mule" in words]


def test_it_goes_on_and_the_customer_is_told_each_time_anew(bank: ACHRelationship, ann: User) -> None:
    for because in ("first", "second"):
        bank_stops.suspend(relationship=bank, because=because, person=ann)
        bank_stops.resume(relationship=bank, because=f"{because} is settled", person=ann)

    assert read_anew(bank).usable
    assert last_of(bank) == ("suspended", "", f"ops {ann.pk}", "second is settled")
    assert told(bank) == ["BANK_SUSPENDED", "BANK_RESUMED"] * 2


def test_what_waits_is_sent_when_it_goes_on(ada: Customer, ann: User) -> None:
    waiting = ada.ask("50.00")
    bank_stops.suspend(relationship=ada.relationship, because="odd", person=ann)
    Transfer.objects.update(created_at=timezone.now() - timedelta(minutes=1))

    left_behind.send_reserved(sender="worker")
    assert read_anew(waiting).sending == states.RESERVED
    bank_stops.resume(relationship=ada.relationship, because="fine", person=ann)
    left_behind.send_reserved(sender="worker")

    assert read_anew(waiting).sending == states.ACCEPTED


def test_a_stop_of_deposits_alone_is_widened(bank: ACHRelationship, ann: User) -> None:
    bank.stop_deposits(because="it lacked the money twice", actor="broker")

    bank_stops.suspend(relationship=bank, because="and odd it is", person=ann)

    assert read_anew(bank).is_suspended_for(OUT)


def test_it_is_stopped_once_and_goes_on_once(bank: ACHRelationship, ann: User) -> None:
    with pytest.raises(bank_stops.NotStopped):
        bank_stops.resume(relationship=bank, because="fine", person=ann)
    bank_stops.suspend(relationship=bank, because="odd", person=ann)
    with pytest.raises(bank_stops.StoppedAlready):
        bank_stops.suspend(relationship=bank, because="odd", person=ann)

    assert bank.events.count() == 1


def test_one_that_is_not_linked_any_more_is_not_stopped(bank: ACHRelationship, ann: User) -> None:
    bank.move_status(states.CANCELED, actor="broker")

    with pytest.raises(bank_stops.StoppedAlready):
        bank_stops.suspend(relationship=bank, because="odd", person=ann)

    assert told(bank) == []


def test_one_that_is_made_anew_meanwhile_is_stopped_with_it_and_goes_on_with_it(
    bank: ACHRelationship, ann: User
) -> None:
    coming = succession.renew(relationship=bank, actor="worker")
    assert coming

    bank_stops.suspend(relationship=bank, because="odd", person=ann)
    assert (read_anew(coming).suspended_at is None, read_anew(bank).suspended_at is None) == (False, False)
    bank_stops.resume(relationship=bank, because="fine", person=ann)

    assert (read_anew(coming).suspended_at, read_anew(bank).suspended_at) == (None, None)
    assert told(bank) == ["BANK_RENEWING", "BANK_SUSPENDED", "BANK_RESUMED"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_persons_at_once_one_stops_it() -> None:
    bank, ann = make.relationship(make.account(make.user())), make.user("ann@example.com")

    came = at_once(*[lambda: bank_stops.suspend(relationship=bank, because="odd", person=ann)] * 2)

    assert sorted(type(each).__name__ for each in came) == ["NoneType", "StoppedAlready"]
    assert told(bank) == ["BANK_SUSPENDED"]

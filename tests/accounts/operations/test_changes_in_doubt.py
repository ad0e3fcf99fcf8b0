"""A change of which an attempt may have reached the broker: neither called off nor dropped as one that was not sent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import states
from accounts.models import BrokerageAccount, DetailsChange, Notice
from accounts.operations import details
from tests.accounts.changing import GET, PATCH, Holder, Kind, holder
from tests.funding.standing import fault
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db
SENDER = "a test"


@pytest.fixture
def ada(sandbox: Sandbox) -> Holder:
    return holder(sandbox)


def lost(ada: Holder, kind: str, how: str = "drop_after_commit") -> DetailsChange:
    """Send a change whose answer is lost, and which is not found when it is looked up."""
    change = ada.ask(kind)
    fault(ada.sandbox, how, PATCH)
    return sent(change)


def sent(change: DetailsChange) -> DetailsChange:
    details.send(change=change, sender=SENDER)
    change.refresh_from_db()
    return change


def work(change: DetailsChange, *, rounds: int = 1) -> DetailsChange:
    """Let a worker come by, some minutes later each time."""
    for _ in range(rounds):
        early = timezone.now() - timedelta(minutes=2)
        DetailsChange.objects.update(status_at=early, next_at=early)
        details.pick_up_left_behind(sender="a worker")
    change.refresh_from_db()
    return change


def freeze(ada: Holder) -> None:
    ada.account.freezes.create(because="a test", frozen_by="a test")


# --- Calling off ------------------------------------------------------------------------------------------------------


def test_what_may_have_arrived_is_not_called_off(ada: Holder) -> None:
    change = lost(ada, Kind.DISCLOSURES)
    assert change.status == states.RESERVED
    assert ada.at_the_broker()["disclosures"]["is_control_person"]

    assert not change.can_be_called_off
    assert not details.call_off(change=change, actor=SENDER)

    assert work(change).status == states.ACCEPTED
    assert ada.present(Kind.DISCLOSURES)["is_control_person"]


def test_neither_is_it_after_an_attempt_that_never_left(ada: Holder) -> None:
    change = lost(ada, Kind.DISCLOSURES)
    fault(ada.sandbox, "rate_limited", PATCH)

    assert work(change).status == states.NOT_SENT
    assert not details.call_off(change=change, actor=SENDER)


def test_neither_is_it_where_its_sender_died(ada: Holder) -> None:
    change = ada.ask()
    change.move(states.SENDING, actor=SENDER)

    assert work(change).status == states.UNKNOWN
    assert work(change).status == states.RESERVED
    assert not details.call_off(change=change, actor=SENDER)


def test_a_page_that_read_it_before_the_attempt_does_not_call_it_off(ada: Holder) -> None:
    change = ada.ask(Kind.DISCLOSURES)
    before = DetailsChange.objects.get(pk=change.pk)
    fault(ada.sandbox, "drop_after_commit", PATCH)
    assert sent(change).status == before.status == states.RESERVED

    assert not details.call_off(change=before, actor=SENDER)


def test_what_never_left_can_still_be_called_off(ada: Holder) -> None:
    fault(ada.sandbox, "rate_limited", PATCH)
    change = sent(ada.ask())

    assert details.call_off(change=change, actor=SENDER)


# --- An account that takes no more ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.DISCLOSURES, Kind.CONTACT])
def test_a_freeze_sends_it_no_more_and_does_not_say_that_it_was_not_sent(ada: Holder, kind: str) -> None:
    change = lost(ada, kind, "drop_before_commit")
    freeze(ada)

    sent(change)

    assert change.status == states.UNKNOWN
    assert not Notice.objects.exists()


def test_what_the_broker_turns_out_to_hold_is_ours_in_spite_of_a_freeze(ada: Holder) -> None:
    fault(ada.sandbox, "drop_after_commit", PATCH)
    fault(ada.sandbox, "bad_gateway", GET)
    change = sent(ada.ask())
    freeze(ada)

    assert work(change).status == states.ACCEPTED
    assert ada.present(Kind.CONTACT) == change.after


def test_what_the_broker_does_not_hold_is_dropped_under_a_freeze_once_that_is_sure(ada: Holder) -> None:
    change = lost(ada, Kind.CONTACT, "drop_before_commit")
    freeze(ada)
    assert sent(change).status == states.UNKNOWN
    details.look_up(change=change, sender=SENDER)
    change.refresh_from_db()
    assert change.status == states.UNKNOWN  # too early: the attempt may still be on its way

    assert work(change).status == states.WITHDRAWN

    assert "the broker does not have it" in Notice.objects.get(kind="CHANGE_DROPPED").body


def test_what_nobody_can_read_waits_for_the_end_of_a_freeze(ada: Holder) -> None:
    change = lost(ada, Kind.DISCLOSURES)
    BrokerageAccount.objects.update(blocks=["account_blocked"])
    assert work(change, rounds=4).status == states.UNKNOWN

    BrokerageAccount.objects.update(blocks=[])

    assert work(change, rounds=2).status == states.ACCEPTED
    assert ada.present(Kind.DISCLOSURES)["is_control_person"]


def test_what_nobody_can_read_ends_with_its_account_and_is_told_as_unsure(ada: Holder) -> None:
    change = lost(ada, Kind.DISCLOSURES)
    BrokerageAccount.objects.update(status="ACCOUNT_CLOSED")

    assert work(change, rounds=2).status == states.WITHDRAWN

    told = Notice.objects.get(kind="CHANGE_DROPPED")
    assert "can’t tell" in told.body
    assert "not sent" not in told.body


# --- A no after a lost answer -----------------------------------------------------------------------------------------


NO = {"code": 42210000, "message": "not now"}


def test_a_no_to_the_second_attempt_is_not_the_first_ones(ada: Holder) -> None:
    fault(ada.sandbox, "drop_after_commit", PATCH)
    fault(ada.sandbox, "bad_gateway", GET)
    change = sent(ada.ask())
    DetailsChange.objects.update(status=states.RESERVED)
    change.refresh_from_db()
    fault(ada.sandbox, "status", PATCH, status=422, body=NO)

    assert sent(change).status == states.ACCEPTED


@pytest.mark.parametrize(("kind", "unsure"), [(Kind.CONTACT, False), (Kind.DISCLOSURES, True)])
def test_a_no_to_what_is_not_there_is_a_no(ada: Holder, kind: str, unsure: bool) -> None:
    change = lost(ada, kind, "drop_before_commit")
    fault(ada.sandbox, "status", PATCH, status=422, body=NO)

    assert work(change).status == states.REFUSED

    told = Notice.objects.get(kind="CHANGE_REFUSED").body
    assert (("can’t tell" in told), ("all is as before" in told)) == (unsure, not unsure)

"""Changing what the broker holds: reserved, sent once, and ours only after the broker's yes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import states
from accounts.models import BrokerageAccount, DetailsChange, Notice, TrustedContact
from accounts.operations import change_hindrances, details
from tests import make
from tests.accounts.changing import FIRM, GET, PATCH, Holder, Kind, holder
from tests.funding.standing import at_once, fault
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db
SENDER = "a test"
KINDS = [Kind.CONTACT, Kind.WORK, Kind.TRUSTED_CONTACT, Kind.DISCLOSURES]


@pytest.fixture
def ada(sandbox: Sandbox) -> Holder:
    return holder(sandbox)


def send(change: DetailsChange) -> DetailsChange:
    details.send(change=change, sender=SENDER)
    change.refresh_from_db()
    return change


def work(*, minutes: int = 2) -> None:
    """Let time pass, and a worker come by."""
    early = timezone.now() - timedelta(minutes=minutes)
    DetailsChange.objects.update(status_at=early)
    DetailsChange.objects.exclude(next_at=None).update(next_at=early)
    details.pick_up_left_behind(sender="a worker")


# --- The way of a change ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_ours_once_the_broker_has_it(ada: Holder, kind: str) -> None:
    before, after = ada.present(kind), ada.wanted(kind)
    change = ada.ask(kind)
    assert (ada.present(kind), change.status) == (before, states.RESERVED)

    send(change)

    assert change.status == states.ACCEPTED
    assert ada.present(kind) == after
    assert (change.before, change.after) == (before, after)
    assert [event.after for event in change.events.all()] == ["RESERVED", "SENDING", "ACCEPTED"]


def test_the_broker_gets_what_differs_in_its_own_letters(ada: Holder) -> None:
    send(ada.ask(Kind.CONTACT, ada.present(Kind.CONTACT) | {"street_address": "5 Straße der Bäume"}))

    contact = ada.at_the_broker()["contact"]
    assert contact["street_address"] == ["5 Strasse der Baume"]
    assert ada.present(Kind.CONTACT)["street_address"] == "5 Straße der Bäume"


def test_a_new_phone_alone_sends_no_address(ada: Holder) -> None:
    street = ada.at_the_broker()["contact"]["street_address"]

    send(ada.ask(Kind.CONTACT, ada.present(Kind.CONTACT) | {"phone": "+12015550177"}))

    contact = ada.at_the_broker()["contact"]
    assert (contact["phone_number"], contact["street_address"]) == ("+12015550177", street)
    assert ada.at_the_broker()["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Kind.CONTACT, "ACCOUNT_UPDATED"),
        (Kind.WORK, "ACCOUNT_UPDATED"),
        (Kind.DISCLOSURES, "ACCOUNT_UPDATED"),
        (Kind.TRUSTED_CONTACT, "ACTIVE"),
    ],
)
def test_the_status_that_the_broker_tells_is_taken_over(ada: Holder, kind: str, status: str) -> None:
    send(ada.ask(kind))

    ada.account.refresh_from_db()
    assert ada.account.status == status == ada.at_the_broker()["status"]
    review = ["ACCOUNT_UNDER_REVIEW"] if status == "ACCOUNT_UPDATED" else []
    assert sorted(Notice.objects.values_list("kind", flat=True)) == [*review, "CHANGE_ACCEPTED"]


def test_a_trusted_contact_is_replaced_and_what_is_gone_is_emptied_there(ada: Holder) -> None:
    send(ada.ask(Kind.TRUSTED_CONTACT))
    other = ada.present(Kind.TRUSTED_CONTACT) | {"given_name": "Cy", "email_address": "", "phone": "+12015550188"}

    send(ada.ask(Kind.TRUSTED_CONTACT, other))

    theirs = ada.at_the_broker()["trusted_contact"]
    assert (theirs["given_name"], theirs["email_address"], theirs["phone_number"]) == ("Cy", "", "+12015550188")
    assert TrustedContact.objects.get().phone == "+12015550188"


def test_a_disclosure_that_is_no_longer_true_loses_its_context(ada: Holder) -> None:
    send(ada.ask(Kind.DISCLOSURES))
    assert ada.at_the_broker()["disclosures"]["context"][0]["company_name"] == FIRM["company_name"]

    send(ada.ask(Kind.DISCLOSURES, ada.present(Kind.DISCLOSURES) | {"is_control_person": False, "contexts": {}}))

    assert ada.present(Kind.DISCLOSURES)["contexts"] == {}
    assert ada.at_the_broker()["disclosures"]["context"] == []


def test_a_notice_names_no_value(ada: Holder) -> None:
    change = send(ada.ask(Kind.CONTACT))

    told = Notice.objects.get(kind="CHANGE_ACCEPTED")
    values = [*change.before.values(), *change.after.values()]
    assert not [value for value in values if len(value) > 2 and value in f"{told.title} {told.body}"]


def test_the_values_are_sealed_at_rest(ada: Holder) -> None:
    ada.ask(Kind.CONTACT)

    stored = str(DetailsChange.objects.values("before_json", "after_json").get())
    assert "Grove" not in stored
    assert "Willow" not in stored


# --- What is not sent -------------------------------------------------------------------------------------------------


def test_a_change_that_changes_nothing_is_none(ada: Holder) -> None:
    with pytest.raises(details.NothingChanged):
        ada.ask(Kind.CONTACT, ada.present(Kind.CONTACT))

    assert not DetailsChange.objects.exists()


def test_the_same_form_gives_back_the_same_change(ada: Holder) -> None:
    key, after = ada.key(), ada.wanted(Kind.CONTACT)
    first = ada.ask()
    again = details.request_change(account=ada.account, kind=Kind.CONTACT, after=after, form_key=key, actor=SENDER)

    assert again == first
    with pytest.raises(details.PageOutOfDate):
        details.request_change(
            account=ada.account, kind=Kind.CONTACT, after=after | {"unit": "9"}, form_key=key, actor=SENDER
        )


def test_one_of_a_kind_is_open_at_a_time(ada: Holder) -> None:
    ada.ask(Kind.CONTACT)

    with pytest.raises(details.ChangeUnderWay):
        ada.ask(Kind.CONTACT, ada.present(Kind.CONTACT) | {"unit": "9"})
    assert ada.ask(Kind.WORK).status == states.RESERVED


@pytest.mark.parametrize("status", ["SUBMITTED", "APPROVAL_PENDING", "ACCOUNT_CLOSED", "REJECTED"])
def test_an_account_that_is_not_open_takes_no_change(ada: Holder, status: str) -> None:
    BrokerageAccount.objects.update(status=status)

    with pytest.raises(change_hindrances.ChangeNotPossible):
        ada.ask()


def test_a_blocked_or_frozen_account_takes_no_change(ada: Holder) -> None:
    BrokerageAccount.objects.update(blocks=["account_blocked"])
    with pytest.raises(change_hindrances.Frozen):
        ada.ask()

    BrokerageAccount.objects.update(blocks=[])
    ada.account.freezes.create(because="a test", frozen_by="a test")
    with pytest.raises(change_hindrances.Frozen):
        ada.ask()


def test_what_waits_is_dropped_when_the_account_takes_no_more(ada: Holder) -> None:
    change = ada.ask()
    BrokerageAccount.objects.update(status="ACCOUNT_CLOSED")

    send(change)

    assert change.status == states.WITHDRAWN
    assert Notice.objects.get().kind == "CHANGE_DROPPED"


def test_what_has_not_left_can_be_called_off(ada: Holder) -> None:
    change = ada.ask()

    assert details.call_off(change=change, actor=SENDER)
    assert send(change).status == states.WITHDRAWN
    assert not details.call_off(change=change, actor=SENDER)
    assert not Notice.objects.exists()


# --- What goes wrong --------------------------------------------------------------------------------------------------


def test_a_refusal_changes_nothing_here_and_is_told(ada: Holder) -> None:
    before = ada.present(Kind.CONTACT)

    change = send(ada.ask(Kind.CONTACT, before | {"city": "1"}))

    assert (change.status, ada.present(Kind.CONTACT)) == (states.REFUSED, before)
    assert "does not take this city" in Notice.objects.get().body


@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_answer_is_looked_up(ada: Holder, kind: str) -> None:
    fault(ada.sandbox, "drop_after_commit", PATCH)
    change = send(ada.ask(kind))

    if kind == Kind.DISCLOSURES:  # the broker's answer is not read for them: sent again, which is harmless
        assert change.status == states.RESERVED
        work()
        change.refresh_from_db()
    assert (change.status, ada.present(kind)) == (states.ACCEPTED, ada.wanted(kind))


def test_what_never_arrived_is_sent_again(ada: Holder) -> None:
    fault(ada.sandbox, "drop_before_commit", PATCH)
    change = send(ada.ask())
    assert change.status == states.RESERVED

    work()

    change.refresh_from_db()
    assert (change.status, change.tries) == (states.ACCEPTED, 2)


def test_a_sender_that_died_is_found_out_about(ada: Holder) -> None:
    change = ada.ask()
    change.move(states.SENDING, actor=SENDER)

    work()

    change.refresh_from_db()
    assert change.status == states.UNKNOWN
    work()  # looked up, and not there
    work()
    change.refresh_from_db()
    assert change.status == states.ACCEPTED


def test_an_answer_that_comes_after_we_were_taken_for_dead_counts(ada: Holder) -> None:
    change = ada.ask()
    change.move(states.SENDING, actor=SENDER)
    asleep = DetailsChange.objects.get(pk=change.pk)
    DetailsChange.objects.get(pk=change.pk).move(states.UNKNOWN, actor="a worker")

    details._accept(asleep, _answer(ada), details.Question.about(ada.account), because="late")

    change.refresh_from_db()
    assert change.status == states.ACCEPTED


def _answer(ada: Holder) -> details.AccountAnswer:
    return details.AccountAnswer(ada.account.alpaca_id, "ACTIVE", "", {})


def test_while_the_broker_can_not_be_read_it_stays_unknown(ada: Holder) -> None:
    fault(ada.sandbox, "drop_after_commit", PATCH)
    fault(ada.sandbox, "bad_gateway", GET)

    assert send(ada.ask()).status == states.UNKNOWN
    work()

    assert DetailsChange.objects.get().status == states.ACCEPTED


def test_a_clash_is_looked_at_and_then_refused(ada: Holder) -> None:
    fault(ada.sandbox, "status", PATCH, status=409, body={"code": 40910000, "message": "email already exists"})

    assert send(ada.ask()).status == states.REFUSED


@pytest.mark.django_db(transaction=True)
def test_a_crowd_of_clicks_makes_one_change(sandbox: Sandbox) -> None:
    ada = holder(sandbox)
    after, key = ada.wanted(Kind.CONTACT), ada.key()
    click: Callable[[], DetailsChange] = lambda: details.request_change(  # noqa: E731
        account=ada.account, kind=Kind.CONTACT, after=after, form_key=key, actor=SENDER
    )

    came = at_once(*[click] * 8)

    assert {change.pk for change in came} == {DetailsChange.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_a_crowd_of_senders_sends_one_change(sandbox: Sandbox) -> None:
    ada = holder(sandbox)
    change = ada.ask()

    at_once(*[lambda: details.send(change=DetailsChange.objects.get(pk=change.pk), sender=SENDER)] * 6)

    change.refresh_from_db()
    assert [event.after for event in change.events.all()] == ["RESERVED", "SENDING", "ACCEPTED"]


def test_another_persons_account_is_untouched(ada: Holder, sandbox: Sandbox) -> None:
    bob = make.account(make.user("bob@example.com"))

    send(ada.ask())

    assert bob.application.phone == "+12015550143"

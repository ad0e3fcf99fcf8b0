"""Stopping a sign-in ends a wish for another address, too: whoever made it may not be the person."""

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import letter_email, states
from accounts.models import DetailsChange, EmailChange, Letter, User
from accounts.operations import email_change, sign_in_stops
from brokerage.status import LEASE
from tests import make
from tests.accounts.changing import PATCH, Holder, holder
from tests.funding.standing import fault, work
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db
NEW = "ada.new@example.com"


@pytest.fixture
def ada(db: None) -> User:
    return make.user()


def ask(user: User) -> EmailChange:
    return email_change.ask(user=user, new_email=NEW, visit=make.VISIT)


def stop(user: User) -> None:
    person = make.user("ann@example.com", is_staff=True)
    sign_in_stops.stop(about=user, because="taken over", person=person)


def both_confirm(change: EmailChange) -> None:
    for letter in change.letters.all():
        email_change.confirm(letter=email_change.letter_of(letter_email.token(letter)))


def status_of(change: EmailChange) -> str:
    change.refresh_from_db()
    return change.status


def address_of(user: User) -> str:
    return User.objects.get(pk=user.pk).email


def test_a_stop_calls_off_what_waits_for_its_letters(ada: User, client: Client) -> None:
    change = ask(ada)

    stop(ada)

    came = [client.post(f"/settings/email/confirm/{letter_email.token(letter)}/") for letter in Letter.objects.all()]
    assert [answer.status_code for answer in came] == [410, 410]
    assert (status_of(change), address_of(ada)) == (states.CANCELED, "ada@example.com")
    assert change.events.get(after=states.CANCELED).because == "the sign-in was stopped"
    assert email_change.deliver_letters(sender="a test") == 0


def test_a_stop_ends_what_both_confirmed_and_nobody_carried_out(ada: User) -> None:
    change = ask(ada)
    change.move(states.CONFIRMED, actor="a test")

    stop(ada)

    email_change.carry_out(change=change, sender="a worker")
    assert (status_of(change), address_of(ada)) == (states.REFUSED, "ada@example.com")


def test_who_was_stopped_in_another_way_changes_nothing_either(ada: User) -> None:
    waits = ask(ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)

    with pytest.raises(email_change.LinkIsOver):
        both_confirm(waits)
    waits.move(states.CONFIRMED, actor="a test")
    email_change.carry_out(change=waits, sender="a worker")

    assert (status_of(waits), address_of(ada)) == (states.REFUSED, "ada@example.com")


def test_a_link_that_was_open_when_the_stop_came_confirms_nothing(ada: User) -> None:
    change = ask(ada)
    letter = email_change.letter_of(letter_email.token(change.letters.get(kind=Letter.Kind.CONFIRM_OLD)))
    User.objects.filter(pk=ada.pk).update(is_active=False)

    with pytest.raises(email_change.LinkIsOver):
        email_change.confirm(letter=letter)


def test_who_is_stopped_asks_for_nothing(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)

    with pytest.raises(email_change.EmailChangeNotPossible):
        ask(ada)


def test_what_the_broker_has_not_got_is_dropped(sandbox: Sandbox) -> None:
    ada: Holder = holder(sandbox)
    fault(sandbox, "rate_limited", PATCH)
    change = ask(ada.user)
    both_confirm(change)

    stop(ada.user)
    with time_machine.travel(timezone.now() + 2 * LEASE):
        work()

    assert DetailsChange.objects.get().status == states.WITHDRAWN
    assert (status_of(change), address_of(ada.user)) == (states.REFUSED, "ada@example.com")
    assert ada.at_the_broker()["contact"]["email_address"] != NEW


def test_after_it_is_allowed_again_another_one_can_be_asked_for(ada: User) -> None:
    ask(ada)
    stop(ada)

    sign_in_stops.allow(about=ada, because="settled", person=User.objects.get(is_staff=True))

    assert ask(ada).status == states.ASKED

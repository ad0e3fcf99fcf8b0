"""Another e-mail address: asked for, confirmed at both addresses, then changed everywhere."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import letter_email, states
from accounts.models import Application, EmailChange, Letter, Notice, User
from accounts.operations import email_change, people, throttle
from tests import make
from tests.accounts.changing import PATCH, Holder, holder
from tests.funding.standing import at_once, fault, work
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db
NEW = "ada.new@example.com"
Kind = Letter.Kind


@pytest.fixture
def ada() -> User:
    return make.user()


def ask(user: User, new_email: str = NEW) -> EmailChange:
    return email_change.ask(user=user, new_email=new_email, visit=make.VISIT)


def confirm(change: EmailChange, *kinds: str) -> EmailChange:
    for kind in kinds or (Kind.CONFIRM_OLD, Kind.CONFIRM_NEW):
        letter = email_change.letter_of(letter_email.token(change.letters.get(kind=kind)))
        change = email_change.confirm(letter=letter)
    return change


def delivered() -> dict[str, str]:
    """Deliver what is due; return title by address."""
    mail.outbox.clear()
    email_change.deliver_letters(sender="a test")
    return {message.to[0]: str(message.subject) for message in mail.outbox}


# --- The way of a change ----------------------------------------------------------------------------------------------


def test_both_addresses_get_a_letter_and_have_to_confirm(ada: User) -> None:
    change = ask(ada)

    assert delivered() == {
        "ada@example.com": "Confirm that you want another e-mail address",
        NEW: "Confirm your new e-mail address",
    }
    assert confirm(change, Kind.CONFIRM_NEW).status == states.ASKED
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"

    assert confirm(change, Kind.CONFIRM_OLD).status == states.DONE

    ada.refresh_from_db()
    assert (ada.email, ada.email_verified_at) == (NEW, EmailChange.objects.get().new_confirmed_at)
    assert delivered() == {"ada@example.com": "You sign in with another e-mail address now"}
    assert Notice.objects.get(user=ada).title == "Your e-mail address is changed"


def test_the_broker_gets_it_first_where_there_is_an_account(sandbox: Sandbox) -> None:
    ada = holder(sandbox)

    done = confirm(ask(ada.user))

    ada.user.refresh_from_db()
    assert (done.status, ada.user.email, ada.at_the_broker()["contact"]["email_address"]) == (states.DONE, NEW, NEW)
    assert done.details_change is not None
    assert done.details_change.status == states.ACCEPTED


def test_all_sessions_end(ada: User, client: Client) -> None:
    client.force_login(ada)
    assert client.get("/settings/").status_code == 200

    confirm(ask(ada))

    assert client.get("/settings/").status_code == 302


def test_an_address_is_one_however_it_is_typed(ada: User) -> None:
    change = ask(ada, "  Ada.NEW@Example.com ")

    assert change.new_email == NEW
    assert ask(ada, NEW.upper()) == change


def test_a_link_is_good_once_and_for_a_day(ada: User) -> None:
    change = ask(ada)
    token = letter_email.token(change.letters.get(kind=Kind.CONFIRM_OLD))
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)), pytest.raises(email_change.LinkIsOver):
        email_change.letter_of(token)

    confirm(change, Kind.CONFIRM_OLD)

    with pytest.raises(email_change.LinkIsOver):
        email_change.letter_of(token)


@pytest.mark.parametrize("token", ["", "nonsense", "6f1c90ae-2b47-4c11-9d0e-5a1d7c3b8f42:sig", "a" * 5000, "\x00"])
def test_a_token_that_nobody_was_sent_leads_nowhere(ada: User, token: str) -> None:
    with pytest.raises(email_change.LinkIsOver):
        email_change.letter_of(token)


def test_no_token_rests_in_the_database(ada: User) -> None:
    change = ask(ada)
    delivered()

    signature = letter_email.token(change.letters.first()).split(":")[1]  # type: ignore[arg-type]
    rows = [*EmailChange.objects.values(), *Letter.objects.values(), *Notice.objects.values()]
    assert signature not in str(rows)


def test_a_letter_comes_out_the_same_each_time(ada: User) -> None:
    letter = ask(ada).letters.get(kind=Kind.CONFIRM_NEW)

    once, twice = letter_email.of(letter), letter_email.of(letter)

    assert (once.body, once.extra_headers) == (twice.body, twice.extra_headers)
    assert re.search(r"/settings/email/confirm/\S+/", str(once.body))


# --- Nobody is told who else has an address ---------------------------------------------------------------------------


def test_an_address_that_somebody_has_looks_the_same_and_its_owner_is_told(ada: User) -> None:
    make.user(NEW)

    change = ask(ada)

    assert (change.status, email_change.standing(ada)) == (states.ASKED, change)
    assert delivered()[NEW] == "Somebody asked to use your e-mail address"
    assert "/confirm/" not in str(mail.outbox[1].body)
    assert confirm(change, Kind.CONFIRM_OLD).status == states.ASKED


def test_whoever_took_the_address_meanwhile_keeps_it(ada: User) -> None:
    change = ask(ada)
    make.user(NEW)

    done = confirm(change)

    ada.refresh_from_db()
    assert (done.status, ada.email) == (states.REFUSED, "ada@example.com")
    assert Notice.objects.get(user=ada).title == "Your e-mail address is not changed"


def test_of_two_who_confirm_one_address_the_first_keeps_it(sandbox: Sandbox) -> None:
    first, second = holder(sandbox), make.user("bob@example.com")
    fault(sandbox, "rate_limited", PATCH)
    assert confirm(ask(first.user)).status == states.CONFIRMED

    done = confirm(ask(second))

    second.refresh_from_db()
    assert (done.status, second.email) == (states.REFUSED, "bob@example.com")


def test_nobody_signs_up_with_an_address_that_is_just_being_changed_to(sandbox: Sandbox) -> None:
    letter = make.sign_up_letter(NEW.upper())
    fault(sandbox, "rate_limited", PATCH)
    confirm(ask(holder(sandbox).user))

    with pytest.raises(people.EmailTaken):
        people.sign_up(letter=letter, password=make.PASSWORD)
    assert make.sign_up_letter(NEW).kind == "HAS_SIGN_IN"


def letters_to_new() -> int:
    return Letter.objects.filter(kind=Kind.CONFIRM_NEW).count()


def test_one_address_is_not_flooded_with_letters_whoever_asks(ada: User) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 17, 10, tzinfo=UTC), tick=False):
        for number in range(6):
            ask(make.user(f"asker{number}@example.com"))

        assert letters_to_new() == 4


def test_strangers_keep_an_owner_from_their_letter_for_an_hour_at_most(ada: User) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 17, 10, tzinfo=UTC), tick=False) as clock:
        for number in range(5):
            ask(make.user(f"asker{number}@example.com"))
        clock.shift(timedelta(hours=1))

        ask(ada)

        assert Letter.objects.filter(kind=Kind.CONFIRM_NEW, change__user=ada).exists()


def test_one_who_asks_and_calls_off_has_three_letters_sent_in_a_day(ada: User) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 1, 10, tzinfo=UTC), tick=False) as clock:
        for _ in range(email_change.LETTERS_AT_MOST + 1):
            email_change.cancel(change=ask(ada), actor="a test")
            clock.shift(timedelta(hours=1))

        assert letters_to_new() == email_change.LETTERS_AT_MOST


# --- What is not taken ------------------------------------------------------------------------------------------------


def test_wishes_are_counted(ada: User) -> None:
    for number in range(email_change.ASKED_AT_MOST):
        ask(ada, f"new{number}@example.com")

    with pytest.raises(throttle.TooMany):
        ask(ada, "one.more@example.com")


def test_the_same_address_is_no_change(ada: User) -> None:
    with pytest.raises(email_change.SameAddress):
        ask(ada, "ADA@example.com")


@pytest.mark.parametrize("status", [states.READY, states.SENDING, states.UNKNOWN])
def test_an_application_that_is_being_sent_keeps_its_address(ada: User, status: str) -> None:
    make.application(ada, status=status)

    with pytest.raises(email_change.BeingSent):
        ask(ada)


def test_an_account_that_is_being_opened_keeps_its_address(ada: User) -> None:
    make.account(ada, status="SUBMITTED")

    with pytest.raises(email_change.BeingOpened):
        ask(ada)


def test_with_a_closed_account_it_changes_here_alone(ada: User) -> None:
    make.account(ada, status="ACCOUNT_CLOSED")

    assert confirm(ask(ada)).status == states.DONE


def test_another_wish_replaces_the_one_before(ada: User) -> None:
    first = ask(ada)

    second = ask(ada, "other@example.com")

    first.refresh_from_db()
    assert (first.status, second.status) == (states.CANCELED, states.ASKED)
    delivered()
    assert {message.to[0] for message in mail.outbox} == {"ada@example.com", "other@example.com"}


def test_called_off_its_links_lead_nowhere(ada: User) -> None:
    change = ask(ada)

    email_change.cancel(change=change, actor="a test")

    with pytest.raises(email_change.LinkIsOver):
        confirm(change)
    assert delivered() == {}


# --- What goes wrong --------------------------------------------------------------------------------------------------


def test_an_address_that_the_broker_has_for_another_account_is_refused(sandbox: Sandbox) -> None:
    ada = holder(sandbox)
    taken = ask(ada.user)
    fault(sandbox, "status", PATCH, status=422, body={"code": 42210000, "message": "email_address already exists"})

    done = confirm(taken)

    ada.user.refresh_from_db()
    assert (done.status, ada.user.email) == (states.REFUSED, "ada@example.com")


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before_commit", "rate_limited"])
def test_a_silent_broker_delays_it_and_the_old_one_stays_good_until_then(sandbox: Sandbox, kind: str) -> None:
    ada: Holder = holder(sandbox)
    change = ask(ada.user)
    fault(sandbox, kind, PATCH)

    done = confirm(change)

    ada.user.refresh_from_db()
    assert (done.status == states.DONE) == (kind == "drop_after_commit") == (ada.user.email == NEW)
    for minutes in (2, 4, 6):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            work()
    change.refresh_from_db()
    ada.user.refresh_from_db()
    assert (change.status, ada.user.email) == (states.DONE, NEW)


def test_what_was_confirmed_and_left_behind_is_carried_out(ada: User) -> None:
    change = ask(ada)
    now = timezone.now()
    EmailChange.objects.update(status=states.CONFIRMED, old_confirmed_at=now, new_confirmed_at=now)

    email_change.pick_up_left_behind(sender="a worker")

    change.refresh_from_db()
    assert change.status == states.DONE


def test_what_nobody_confirms_expires(ada: User) -> None:
    change = ask(ada)

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert email_change.standing(ada) is None
        email_change.pick_up_left_behind(sender="a worker")

    change.refresh_from_db()
    assert change.status == states.EXPIRED


@pytest.mark.django_db(transaction=True)
def test_a_crowd_of_confirmations_makes_one_change() -> None:
    change = ask(make.user())
    tokens = [letter_email.token(letter) for letter in change.letters.all()]

    def click(token: str) -> EmailChange:
        return email_change.confirm(letter=email_change.letter_of(token))

    at_once(*[lambda token=token: click(token) for token in tokens * 3])

    change.refresh_from_db()
    assert change.status == states.DONE
    assert [event.after for event in change.events.filter(field="status")] == ["ASKED", "CONFIRMED", "DONE"]
    assert not Application.objects.exists()

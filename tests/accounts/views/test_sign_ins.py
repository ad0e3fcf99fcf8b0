"""Where somebody is signed in: seen, and ended, by nobody but them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import letter_email
from accounts.models import Letter, Session, User
from accounts.operations import sign_in_stops
from accounts.sign_in_stamp import STAMP
from tests import make

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"


def sign_in(user: User, user_agent: str = FIREFOX) -> Client:
    browser = Client(headers={"user-agent": user_agent}, REMOTE_ADDR="192.0.2.44")
    assert browser.post("/sign-in/", {"username": user.email, "password": make.PASSWORD}).status_code == 302
    return browser


@pytest.fixture
def ada() -> User:
    return make.user()


def is_signed_in(browser: Client) -> bool:
    return browser.get("/settings/").status_code == 200


def shown(browser: Client) -> str:
    return browser.get("/settings/sign-ins/").content.decode()


def test_each_is_shown_with_what_and_from_where_and_this_one_first(ada: User) -> None:
    laptop, _phone = sign_in(ada), sign_in(ada, SAFARI)

    page = shown(laptop)
    assert page.index("Firefox on Linux") < page.index("This one") < page.index("Safari on iPhone")
    assert page.count("192.0.2.44") == 2
    assert page.count("End it") == 1


def test_one_is_ended_and_the_others_stand(ada: User) -> None:
    laptop, phone, tablet = (sign_in(ada) for _ in range(3))
    row = Session.objects.order_by("created_at")[1]

    answer = laptop.post(f"/settings/sign-ins/{row.pk}/end/")

    assert answer["Location"] == "/settings/sign-ins/"
    assert [is_signed_in(each) for each in (laptop, phone, tablet)] == [True, False, True]


def test_all_others_are_ended(ada: User) -> None:
    laptop, phone = sign_in(ada), sign_in(ada)
    bobs = sign_in(make.user("bob@example.com"))

    laptop.post("/settings/sign-ins/others/end/")

    assert [is_signed_in(each) for each in (laptop, phone, bobs)] == [True, False, True]
    assert "End all others" not in shown(laptop)


@pytest.mark.parametrize("which", ["others", "one"])
def test_an_open_screen_ends_none(ada: User, settings: Settings, which: str) -> None:
    settings.FRESH_SIGN_IN_MINUTES = 5
    laptop, phone = sign_in(ada), sign_in(ada, SAFARI)
    url = f"/settings/sign-ins/{Session.objects.get(browser='Safari on iPhone').pk if which == 'one' else which}/end/"
    session = laptop.session
    session[STAMP] -= 5 * 60 + 1
    session.save()

    assert "Sign in again" in laptop.post(url).content.decode()
    assert is_signed_in(phone)

    laptop.post(url, {"again-password": make.PASSWORD})
    assert [is_signed_in(each) for each in (laptop, phone)] == [True, False]


def test_somebody_elses_and_this_one_are_not_found(ada: User) -> None:
    laptop, bobs = sign_in(ada), sign_in(make.user("bob@example.com"))

    for row in Session.objects.all():
        assert laptop.post(f"/settings/sign-ins/{row.pk}/end/").status_code == 404
    assert is_signed_in(laptop)
    assert is_signed_in(bobs)


def test_what_is_over_is_not_shown(ada: User, settings: Settings) -> None:
    settings.SESSION_IDLE_MINUTES = 30
    laptop, _phone, _tablet = sign_in(ada), sign_in(ada, SAFARI), sign_in(ada, SAFARI)
    phone, tablet = Session.objects.filter(browser="Safari on iPhone")
    Session.objects.filter(pk=phone.pk).update(last_seen_at=timezone.now() - timedelta(minutes=30))
    Session.objects.filter(pk=tablet.pk).update(ends_at=timezone.now())

    assert "Safari on iPhone" not in shown(laptop)


def test_the_settings_lead_there(ada: User) -> None:
    assert "/settings/sign-ins/" in sign_in(ada).get("/settings/").content.decode()


def test_a_stop_ends_them_for_good(ada: User) -> None:
    """Whoever may sign in again later does so: what was open then is not open again."""
    laptop, ops = sign_in(ada), make.user("ops@example.com", is_staff=True)

    sign_in_stops.stop(about=ada, because="a thief", person=ops)
    sign_in_stops.allow(about=ada, because="no thief", person=ops)

    assert not is_signed_in(laptop)


def test_another_address_ends_those_elsewhere(ada: User) -> None:
    laptop, phone = sign_in(ada), sign_in(ada)
    laptop.post("/settings/email/", {"new_email": "new@example.com"})
    for letter in Letter.objects.all():
        laptop.post(f"/settings/email/confirm/{letter_email.token(letter)}/")

    assert [is_signed_in(each) for each in (laptop, phone)] == [True, False]
    assert Session.objects.filter(user=ada).count() == 1

"""Knowing browsers again: somebody is told of a sign-in with one that they never used, and of no other."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import KnownBrowser, Notice, User
from accounts.models.sessions import digest
from accounts.operations import known_browsers
from tests import make

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ada() -> User:
    return make.user()


def sign_in(browser: Client, email: str = "ada@example.com") -> None:
    asked = {"username": email, "password": make.PASSWORD}
    answer = browser.post("/sign-in/", asked, HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="192.0.2.44")
    assert answer.status_code == 302


def sign_out(browser: Client) -> None:
    browser.post("/sign-out/")


def cookie(browser: Client) -> str:
    return browser.cookies[settings.BROWSER_COOKIE_NAME].value


def test_nobody_is_told_of_their_very_first_sign_in(client: Client, ada: User) -> None:
    sign_in(client)

    assert KnownBrowser.objects.get().key_hash == digest(cookie(client))
    assert cookie(client) not in str(list(KnownBrowser.objects.values()))
    assert not Notice.objects.exists()


def test_a_new_browser_is_told_of_in_words_without_address(client: Client, ada: User) -> None:
    sign_in(client)
    sign_in(Client())

    notice = Notice.objects.get()
    assert notice.user == ada
    assert "Firefox on Linux" in notice.body
    assert "192.0.2.44" not in f"{notice.title} {notice.body}"


def test_a_browser_that_is_known_is_not_told_of(client: Client, ada: User) -> None:
    sign_in(client)
    before = cookie(client)
    sign_out(client)
    sign_in(client)

    assert cookie(client) == before
    assert not Notice.objects.exists()
    assert KnownBrowser.objects.count() == 1


def test_two_people_of_one_household_are_known_in_one_browser(client: Client, ada: User) -> None:
    bob = make.user("bob@example.com")
    for who in (ada, bob, ada, bob):
        sign_in(client, who.email)
        sign_out(client)

    assert KnownBrowser.objects.count() == 2
    assert len(set(KnownBrowser.objects.values_list("key_hash"))) == 1
    assert not Notice.objects.exists()


@pytest.mark.parametrize("planted", ["planted", "x" * 5000])
def test_a_cookie_that_we_never_gave_is_replaced(client: Client, ada: User, planted: str) -> None:
    sign_in(Client())
    client.cookies[settings.BROWSER_COOKIE_NAME] = planted
    sign_in(client)

    assert cookie(client) != planted
    assert Notice.objects.count() == 1


def test_the_cookie_is_for_the_server_alone(client: Client, ada: User) -> None:
    sign_in(client)

    kept = client.cookies[settings.BROWSER_COOKIE_NAME]
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "Lax", "/")


@pytest.mark.parametrize("typed", ["ada@example.com", "Ada@Example.com", " ada@example.com "])
def test_it_is_known_however_the_name_is_typed(client: Client, ada: User, typed: str) -> None:
    sign_in(client)

    assert known_browsers.mark(key=cookie(client), email=typed)
    assert not known_browsers.mark(key=cookie(client), email="bob@example.com")


def test_those_that_nobody_uses_are_forgotten(client: Client, ada: User) -> None:
    sign_in(client)
    now = timezone.now()

    assert known_browsers.forget_old(now=now + timedelta(days=399)) == 0
    assert known_browsers.forget_old(now=now + timedelta(days=401)) == 1


def test_using_one_keeps_it(client: Client, ada: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client)
        clock.shift(timedelta(days=300))
        sign_out(client)
        sign_in(client)

        assert known_browsers.forget_old(now=timezone.now() + timedelta(days=399)) == 0

"""Setting a second factor up, and signing in with it: before the code nobody is anybody."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from accounts.models import Notice, SecondFactor, Session, User
from accounts.operations import second_factor
from accounts.session_store import SessionStore
from accounts.views import entering
from tests import make
from tests.accounts.second_factors import App, set_up

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 17, 0, 5, tzinfo=UTC)
PASSWORD = {"username": "ada@example.com", "password": make.PASSWORD}
URL = "/settings/second-factor/"


@pytest.fixture
def ada() -> User:
    return make.user()


def is_signed_in(browser: Client) -> bool:
    return browser.get("/settings/").status_code == 200


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


# --- Setting it up ----------------------------------------------------------------------------------------------------


def test_it_is_set_up_with_picture_code_and_recovery_codes(client: Client, ada: User) -> None:
    client.force_login(ada)
    assert "Set it up" in text(client.get(URL))
    assert client.post(f"{URL}begin/")["Location"] == URL
    page = client.get(URL)
    factor = SecondFactor.objects.get()
    assert "no-store" in page["Cache-Control"]
    assert factor.secret in text(page)
    assert unquote(page.context["picture"]).startswith("data:image/svg+xml")

    shown = client.post(f"{URL}on/", {"code": App(factor).code()})

    assert "no-store" in shown["Cache-Control"]
    codes = re.findall(r"<code>([a-z2-9-]{34})</code>", text(shown))
    assert len(codes) == 10
    second_factor.check(user=ada, code=codes[0])
    after = text(client.get(URL))
    assert "It is on" in after
    assert not [each for each in (factor.secret, *codes) if each in after]
    assert "Second factor" in text(client.get("/settings/"))


def test_who_was_in_by_the_password_alone_is_out_once_it_is_on(client: Client, ada: User) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.force_login(ada)
    client.post(f"{URL}begin/")
    client.post(f"{URL}on/", {"code": App(SecondFactor.objects.get()).code(1)})

    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)


def test_a_get_sets_nothing_up(client: Client, ada: User) -> None:
    client.force_login(ada)
    client.get(URL)

    for name in ("begin", "on", "codes", "off"):
        assert client.get(f"{URL}{name}/").status_code == 405
    assert not SecondFactor.objects.exists()


@pytest.mark.parametrize(("code", "says"), [("", "Enter the code"), ("000000", "not good"), ("9" * 61, "too long")])
def test_what_is_wrong_with_the_first_code_stands_beside_it(client: Client, ada: User, code: str, says: str) -> None:
    client.force_login(ada)
    client.post(f"{URL}begin/")

    answer = client.post(f"{URL}on/", {"code": code})

    assert says in text(answer)
    assert "errors-title" in text(answer)
    assert not second_factor.is_on(ada)


def test_new_recovery_codes_are_shown_and_it_is_turned_off(client: Client, ada: User) -> None:
    client.force_login(ada)
    _app, old = set_up(ada)

    shown = text(client.post(f"{URL}codes/"))
    assert len(re.findall(r"<code>[a-z2-9-]{34}</code>", shown)) == 10
    assert old[0] not in shown
    assert client.post(f"{URL}off/")["Location"] == URL

    assert not second_factor.is_on(ada)
    assert "has changed meanwhile" in text(client.post(f"{URL}off/", follow=True))


@pytest.mark.parametrize("name", ["begin", "on", "codes", "off"])
def test_a_sign_in_that_is_not_fresh_changes_nothing(client: Client, ada: User, settings: Settings, name: str) -> None:
    settings.FRESH_SIGN_IN_MINUTES = 5
    with time_machine.travel(NOON, tick=False) as clock:
        client.force_login(ada)
        if name in ("codes", "off"):
            set_up(ada)
        before = list(SecondFactor.objects.values("id", "on_since"))
        clock.shift(timedelta(minutes=6))

        assert "Sign in again" in text(client.post(f"{URL}{name}/", {"code": "123456"}))
        assert client.get(URL)["Location"].startswith("/sign-in/again/")
        assert list(SecondFactor.objects.values("id", "on_since")) == before


# --- Signing in -------------------------------------------------------------------------------------------------------


def test_after_the_password_comes_the_code(client: Client, ada: User) -> None:
    app, _codes = set_up(ada)

    step = client.post("/sign-in/", {**PASSWORD, "next": "/apply/check/"})
    assert step["Location"] == "/sign-in/code/?next=%2Fapply%2Fcheck%2F"
    page = client.get(step["Location"])
    assert "no-store" in page["Cache-Control"]
    assert 'value="/apply/check/"' in text(page)
    assert client.post("/sign-in/code/", {"next": "/apply/check/", "code": app.code()})["Location"] == "/apply/check/"

    assert is_signed_in(client)
    assert Session.objects.get().user == ada


def test_before_the_code_nothing_is_reached(client: Client, ada: User) -> None:
    set_up(ada)
    client.post("/sign-in/", PASSWORD)

    for url in ("/settings/", "/overview/", "/withdraw/", URL, "/sign-in/again/", "/settings/sign-ins/"):
        assert client.get(url)["Location"].startswith("/sign-in/?next="), url
    row = Session.objects.get()
    assert row.user is None
    assert set(SessionStore().decode(row.session_data)) == {entering.HALF}


def test_the_key_of_the_half_session_opens_nothing_later(client: Client, ada: User, settings: Settings) -> None:
    app, _codes = set_up(ada)
    client.post("/sign-in/", PASSWORD)
    half = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/sign-in/code/", {"code": app.code()})
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = half

    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_a_wrong_code_lets_nobody_in(client: Client, ada: User) -> None:
    set_up(ada)
    client.post("/sign-in/", PASSWORD)

    answer = client.post("/sign-in/code/", {"code": "000000"})

    assert "not good" in text(answer)
    assert not is_signed_in(client)


def test_who_guesses_too_often_waits_whatever_browser_they_use(ada: User) -> None:
    app, _codes = set_up(ada)
    for number in range(second_factor.TRIES):
        browser = Client(REMOTE_ADDR=f"198.51.100.{number}")
        browser.post("/sign-in/", PASSWORD)
        answer = browser.post("/sign-in/code/", {"code": "000000"})
        assert answer.status_code == (200 if number < second_factor.TRIES - 1 else 429)

    assert browser.post("/sign-in/code/", {"code": app.code()}).status_code == 429
    assert not is_signed_in(browser)


def test_a_recovery_code_lets_in_once_and_is_told_of(client: Client, ada: User) -> None:
    _app, codes = set_up(ada)
    for expected in (True, False):
        browser = Client()
        browser.post("/sign-in/", PASSWORD)
        browser.post("/sign-in/code/", {"code": codes[0]})
        assert is_signed_in(browser) is expected

    assert Notice.objects.filter(kind="SECOND_FACTOR_CODE_USED").count() == 1


def test_the_step_is_over_after_five_minutes(client: Client, ada: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        app, _codes = set_up(ada)
        client.post("/sign-in/", PASSWORD)
        clock.shift(timedelta(seconds=entering.HALF_FOR + 1))

        assert client.post("/sign-in/code/", {"code": app.code()})["Location"] == "/sign-in/"
        assert not is_signed_in(client)


@pytest.mark.parametrize("change", ["password", "stop"])
def test_what_happens_meanwhile_counts(client: Client, ada: User, change: str) -> None:
    app, _codes = set_up(ada)
    client.post("/sign-in/", PASSWORD)
    if change == "password":
        ada.set_password("another battery staple")
    ada.is_active = change != "stop"
    ada.save()

    assert client.post("/sign-in/code/", {"code": app.code()})["Location"] == "/sign-in/"
    assert not is_signed_in(client)


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example"])
def test_it_leads_to_no_foreign_host(client: Client, ada: User, url: str) -> None:
    app, _codes = set_up(ada)
    client.post("/sign-in/", PASSWORD)

    assert client.post("/sign-in/code/", {"code": app.code(), "next": url})["Location"] == "/overview/"


def test_without_a_first_step_there_is_no_second(client: Client, ada: User) -> None:
    app, _codes = set_up(ada)

    assert client.get("/sign-in/code/")["Location"] == "/sign-in/"
    assert client.post("/sign-in/code/", {"code": app.code()})["Location"] == "/sign-in/"
    client.force_login(ada)
    assert client.get("/sign-in/code/")["Location"] == "/overview/"


def test_signing_in_again_asks_for_a_code_too(client: Client, ada: User) -> None:
    client.force_login(ada)
    app, _codes = set_up(ada)
    right = {"next": "/settings/", "again-password": make.PASSWORD}
    assert "again-code" in text(client.get("/sign-in/again/"))

    assert "Enter the code" in text(client.post("/sign-in/again/", right))
    assert "not good" in text(client.post("/sign-in/again/", {**right, "again-code": "000000"}))
    assert client.post("/sign-in/again/", {**right, "again-code": app.code()})["Location"] == "/settings/"

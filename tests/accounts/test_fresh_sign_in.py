"""Dangerous acts ask once more who it is, and lose nothing on the way."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from accounts.models import DetailsChange, EmailChange, User
from accounts.operations import proving_again
from accounts.sign_in_stamp import STAMP
from tests import make
from tests.accounts.changing import holder
from tests.accounts.views.test_settings import CONTACT
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SECRET = {"again-password": make.PASSWORD}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture(autouse=True)
def minutes(settings: Settings) -> None:
    settings.FRESH_SIGN_IN_MINUTES = 5


@pytest.fixture
def ada(client: Client) -> User:
    client.force_login(ada := make.user())
    return ada


def make_stale(client: Client) -> None:
    session = client.session
    session[STAMP] -= 5 * 60 + 1
    session.save()


def carried(answer: Any) -> dict[str, str]:
    """Return the form that the page sends on."""
    assert "Sign in again" in answer.content.decode()
    found = {name: unescape(value) for name, value in HIDDEN.findall(answer.content.decode())}
    del found["csrfmiddlewaretoken"]
    return found


# --- A page that is asked for -----------------------------------------------------------------------------------------


def test_five_minutes_are_fresh_and_more_are_not(client: Client) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client.force_login(make.user())
        clock.shift(timedelta(minutes=5))
        assert client.get("/settings/email/").status_code == 200
        clock.shift(timedelta(seconds=1))
        assert client.get("/settings/email/")["Location"] == "/sign-in/again/?next=%2Fsettings%2Femail%2F"


def test_the_right_password_leads_on(client: Client, ada: User) -> None:
    make_stale(client)
    asked = client.get("/settings/email/", follow=True)
    assert "no-store" in asked["Cache-Control"]

    answer = client.post("/sign-in/again/", {"next": "/settings/email/?a=b", **SECRET})

    assert answer["Location"] == "/settings/email/?a=b"
    assert client.get("/settings/email/").status_code == 200


def test_a_key_that_was_stolen_before_is_not_made_fresh(client: Client, ada: User) -> None:
    make_stale(client)
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = client.session.session_key or ""

    client.post("/sign-in/again/", {"next": "/settings/", **SECRET})

    assert client.get("/settings/email/").status_code == 200
    assert thief.get("/settings/email/")["Location"].startswith("/sign-in/?")


@pytest.mark.parametrize(("typed", "says"), [("", "Enter your password"), ("another", "This is not your password")])
def test_a_wrong_one_does_not(client: Client, ada: User, typed: str, says: str) -> None:
    make_stale(client)

    answer = client.post("/sign-in/again/", {"next": "/settings/email/", "again-password": typed})

    assert says in answer.content.decode()
    assert 'value="/settings/email/"' in answer.content.decode()
    assert client.get("/settings/email/").status_code == 302


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_it_leads_to_no_foreign_host(client: Client, ada: User, url: str) -> None:
    assert b"evil" not in client.get("/sign-in/again/", {"next": url}).content
    assert client.post("/sign-in/again/", {"next": url, **SECRET})["Location"] == "/overview/"


def test_who_guesses_too_often_waits(client: Client, ada: User) -> None:
    make_stale(client)
    for _ in range(proving_again.TRIES):
        client.post("/sign-in/again/", {"again-password": "another one"})

    assert client.post("/sign-in/again/", SECRET).status_code == 429
    assert client.post("/settings/email/", {"new_email": "new@example.com", **SECRET}).status_code == 429


def test_a_thief_who_tries_without_end_can_be_signed_out(client: Client, ada: User) -> None:
    thief = Client()
    thief.force_login(ada)
    make_stale(thief)
    make_stale(client)
    while thief.post("/sign-in/again/", {"again-password": "another"}).status_code != 429:
        pass

    client.post("/settings/sign-ins/others/end/", SECRET)

    assert thief.get("/settings/").status_code == 302
    assert client.get("/settings/").status_code == 200


def test_a_method_that_is_not_taken_is_told_so(client: Client, ada: User) -> None:
    make_stale(client)

    assert client.get("/settings/close/confirm/").status_code == 405
    assert client.delete("/settings/email/").status_code == 405


# --- A form that comes too late ---------------------------------------------------------------------------------------


def test_a_late_form_goes_on_where_it_was_going(client: Client, ada: User) -> None:
    make_stale(client)
    late = client.post("/settings/email/", {"new_email": 'new+"<x>"@example.com'})
    assert "no-store" in late["Cache-Control"]
    kept = carried(late)
    assert kept == {"new_email": 'new+"<x>"@example.com'}
    assert not EmailChange.objects.exists()

    answer = client.post("/settings/email/", {**kept, "new_email": "new@example.com", **SECRET})

    assert answer["Location"] == "/settings/email/"
    assert EmailChange.objects.get().new_email == "new@example.com"


def test_the_page_says_what_it_sends_on_and_on_a_page_that_leads_back_nothing(client: Client, ada: User) -> None:
    make_stale(client)

    late = client.post("/settings/email/", {"new_email": "new@example.com"}).content.decode()
    back = client.get("/sign-in/again/", {"next": "/settings/email/"}).content.decode()

    assert "“Go on” sends <strong>a new e-mail address for you</strong>." in late
    assert "<dd>new@example.com</dd>" in re.sub(r"\s*(</?dd>)\s*", r"\1", late)
    assert late.index(">Go on</button>") < late.index(">Leave it</a>")
    assert "sends" not in back


def test_where_nobody_can_tell_what_it_is_leaving_comes_first(client: Client, ada: User) -> None:
    make_stale(client)

    late = client.post("/settings/passkeys/question/").content.decode()

    assert "sends <strong>what you began</strong>." in late
    assert late.index(">Leave it</a>") < late.index(">Go on</button>")


def test_with_a_wrong_password_it_is_kept_still(client: Client, ada: User) -> None:
    make_stale(client)

    answer = client.post("/settings/email/", {"new_email": "new@example.com", "again-password": "another"})

    assert carried(answer) == {"new_email": "new@example.com"}
    assert "This is not your password" in answer.content.decode()
    assert not EmailChange.objects.exists()


def test_a_password_is_not_carried_along(client: Client, ada: User) -> None:
    make_stale(client)

    answer = client.post("/settings/email/", {"new_email": "new@example.com", "old_password": make.PASSWORD})

    assert carried(answer) == {"new_email": "new@example.com"}
    assert make.PASSWORD not in answer.content.decode()


@pytest.mark.parametrize("name", ["code", "answer", "again-code", "again-answer"])
def test_no_answer_is_carried_along_that_is_good_for_minutes(client: Client, ada: User, name: str) -> None:
    make_stale(client)

    answer = client.post("/settings/passkeys/", {"name": "My phone", name: "kestrel-77120"})

    assert carried(answer) == {"name": "My phone"}
    assert "kestrel" not in answer.content.decode()


def test_a_field_that_only_sounds_like_one_is_carried(client: Client, ada: User) -> None:
    make_stale(client)

    assert carried(client.post("/settings/contact/", {"postal_code": "94105"})) == {"postal_code": "94105"}


def test_details_pass_through_check_and_all(client: Client, sandbox: Sandbox) -> None:
    """What was typed for a change is on the page that asks, goes on to the check, and is sent once."""
    client.force_login(holder(sandbox).user)
    typed = CONTACT | {"form_key": str(_key(client))}
    make_stale(client)

    check = client.post("/settings/contact/", {**carried(client.post("/settings/contact/", typed)), **SECRET})
    assert "Check the change" in check.content.decode()
    make_stale(client)
    kept = carried(client.post("/settings/contact/confirm/", typed))
    for _ in range(2):
        assert client.post("/settings/contact/confirm/", {**kept, **SECRET}).status_code == 302

    assert DetailsChange.objects.count() == 1


def _key(client: Client) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', client.get("/settings/contact/").content.decode())
    assert found
    return found[1]

"""Showing again who one is with a passkey, on the page that asks and on the one that carries a late form."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import EmailChange, Passkey, User
from accounts.operations import passkeys
from accounts.sign_in_stamp import STAMP
from tests import make
from tests.accounts.test_fresh_sign_in import carried, make_stale
from tests.accounts.views.test_passkeys import LIES, add, asked, device, text
from tests.harness.authenticator import Authenticator, to_text

pytestmark = pytest.mark.django_db
QUESTION = "/sign-in/again/passkey/question/"
NEW = {"new_email": "new@example.com"}


@pytest.fixture(autouse=True)
def minutes(settings: Settings) -> None:
    settings.FRESH_SIGN_IN_MINUTES = 5


@pytest.fixture
def ada(client: Client) -> User:
    client.force_login(ada := make.user())
    return ada


@pytest.fixture
def phone(client: Client, ada: User) -> Authenticator:
    """Ada's, who signed in with something else too long ago."""
    add(client, phone := device(counts=False))
    make_stale(client)
    return phone


def show(client: Client, phone: Authenticator, **lies: Any) -> Any:
    """Answer the page that asks."""
    answer = phone.get(asked(client, QUESTION), **lies)
    return client.post("/sign-in/again/", {"next": "/settings/email/", "again-answer": answer})


def is_fresh(client: Client) -> bool:
    return time.time() - client.session[STAMP] < 60


def test_it_leads_on_with_another_key_of_the_session(client: Client, phone: Authenticator) -> None:
    assert "Go on with a passkey" in text(client.get("/settings/email/", follow=True))
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = client.session.session_key or ""

    came = show(client, phone)

    assert came["Location"] == "/settings/email/"
    assert is_fresh(client)
    assert client.get("/settings/email/").status_code == 200
    assert thief.get("/settings/email/")["Location"].startswith("/sign-in/?")
    assert Passkey.objects.get().last_used_at is not None


@pytest.mark.parametrize("is_silent", [True, False])
def test_a_late_form_goes_on_where_it_was_going(client: Client, phone: Authenticator, is_silent: bool) -> None:
    late = client.post("/settings/email/", NEW)
    assert "Go on with a passkey" in text(late)
    assert text(late).count('name="new_email"') == 2  # with the password, and with the passkey

    answer = phone.get(asked(client, QUESTION), is_silent=is_silent)
    came = client.post("/settings/email/", {**NEW, "again-answer": answer})

    assert came["Location"] == "/settings/email/"
    assert EmailChange.objects.get().new_email == NEW["new_email"]


def test_the_device_is_asked_for_ones_own_keys_and_to_look_who_is_there(client: Client, phone: Authenticator) -> None:
    options = json.loads(asked(client, QUESTION))

    assert [each["id"] for each in options["allowCredentials"]] == [to_text(phone.credential_id)]
    assert options["userVerification"] == "required"


def test_nobody_is_offered_one_who_has_none(client: Client, ada: User) -> None:
    assert "passkey" not in text(client.get("/sign-in/again/"))


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_answer_that_lies_shows_nothing_and_keeps_the_form(
    client: Client, phone: Authenticator, lie: dict[str, Any]
) -> None:
    answer = phone.get(asked(client, QUESTION), **lie)
    came = client.post("/settings/email/", {**NEW, "again-answer": answer})

    assert passkeys.NotShown.customer_message in text(came)
    assert "Enter your password" not in text(came)
    assert carried(came) == NEW
    assert not EmailChange.objects.exists()
    assert not is_fresh(client)


def test_somebody_elses_passkey_shows_nothing(client: Client, phone: Authenticator) -> None:
    other = Client()
    other.force_login(grace := make.user("grace@example.com"))
    add(other, hers := device(counts=False))

    show(client, hers)
    show(client, hers, user_handle=phone.user_handle)
    show(client, hers, is_silent=True)
    show(client, phone, user_handle=grace.pk.bytes)
    show(client, phone, key=ec.generate_private_key(ec.SECP256R1()))

    assert not is_fresh(client)
    assert show(client, phone).status_code == 302


def test_a_removed_one_shows_nothing(client: Client, phone: Authenticator) -> None:
    Passkey.objects.update(removed_at=timezone.now())

    show(client, phone)

    assert not is_fresh(client)


def test_a_question_is_answered_once_in_time_in_its_session_and_for_its_purpose(
    client: Client, phone: Authenticator
) -> None:
    elsewhere = phone.get(asked(Client(), "/sign-in/passkey/question/"))
    client.post("/sign-in/again/", {"again-answer": elsewhere})
    assert not is_fresh(client)

    client.post("/sign-in/again/", {"again-answer": phone.get(asked(client, "/sign-in/passkey/question/"))})
    assert not is_fresh(client)

    answer = phone.get(asked(client, QUESTION))
    with time_machine.travel(timezone.now() + passkeys.GOOD_FOR + timedelta(seconds=2), tick=False):
        client.post("/sign-in/again/", {"again-answer": answer})
    assert not is_fresh(client)

    answer = phone.get(asked(client, QUESTION))
    assert client.post("/sign-in/again/", {"again-answer": answer}).status_code == 302
    make_stale(client)
    client.post("/sign-in/again/", {"again-answer": answer})
    assert not is_fresh(client)


@pytest.mark.parametrize("answer", ["", "{}", "no json", '{"id": null}'])
def test_what_is_no_answer_is_refused_beside_the_password(client: Client, phone: Authenticator, answer: str) -> None:
    came = client.post("/sign-in/again/", {"again-answer": answer})

    assert came.status_code == 200
    assert 'name="again-password"' in text(came)
    assert ("This needs JavaScript" if not answer else passkeys.NotShown.customer_message) in text(came)


def test_the_password_goes_on_working_beside_it(client: Client, phone: Authenticator) -> None:
    came = client.post("/sign-in/again/", {"next": "/settings/email/", "again-password": make.PASSWORD})

    assert came["Location"] == "/settings/email/"


def test_questions_are_limited(client: Client, phone: Authenticator) -> None:
    with time_machine.travel("2026-11-29 15:00Z", tick=False):
        client.force_login(User.objects.get())
        for _ in range(passkeys.QUESTIONS):
            asked(client, QUESTION)

        assert client.post(QUESTION).status_code == 429

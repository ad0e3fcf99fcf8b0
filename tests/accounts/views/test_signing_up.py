"""Signing up by letter: the same page for everybody, and a link that changes nothing until a password is sent."""

import html
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import SignInLetter, User
from tests import make
from tests.accounts.pages import bare, headers
from tests.harness import mailbox

pytestmark = pytest.mark.django_db

ADA = "ada@example.com"


def ask(client: Client, email: str = ADA, **more: str) -> Any:
    return client.post("/sign-up/", {"email": email, **more})


def link(client: Client, email: str = ADA) -> str:
    ask(client, email)
    return mailbox.newest_link(email.strip().lower())


def test_from_the_address_to_the_application(client: Client) -> None:
    assert ask(client, "  Ada@Example.COM ")["Location"] == "/sign-up/sent/"
    assert "Look in your mailbox" in client.get("/sign-up/sent/").content.decode()
    found = mailbox.newest_link(ADA)
    assert "ada@example.com" in client.get(found).content.decode()

    assert client.post(found, {"password": make.PASSWORD})["Location"] == "/apply/"

    assert User.objects.get().email == ADA
    assert client.get("/apply/")["Location"] == "/apply/name/"
    assert Client().post("/sign-in/", {"username": ADA, "password": make.PASSWORD}).status_code == 302


@pytest.mark.parametrize("known", ["ada@example.com", "gone@example.com", "elsewhere@example.com"])
def test_known_and_unknown_read_the_same_to_the_byte(known: str) -> None:
    make.user()
    make.user("gone@example.com", is_active=False)
    User.objects.create_user("elsewhere@example.com")
    pages = []
    for email in (known, "nobody@example.com"):
        client = Client()
        answer = ask(client, email)
        pages.append((answer.status_code, headers(answer), bare(answer), bare(client.get(answer["Location"]))))

    assert pages[0] == pages[1]
    assert SignInLetter.objects.count() == 2


def test_too_many_read_the_same_known_or_not() -> None:
    make.user()
    pages = []
    for email in (ADA, "nobody@example.com"):
        client = Client()
        for _ in range(3):
            assert ask(client, email).status_code == 302
        answer = ask(client, email)
        assert answer.status_code == 429
        assert answer.has_header("Retry-After")
        pages.append(bare(answer))

    assert pages[0] == pages[1]


@pytest.mark.parametrize("email", ["", "ada", "ada@", "ada@example.com\x00", "a" * 250 + "@example.com", "@", "a@b"])
def test_what_is_no_address_is_told_beside_the_field(client: Client, email: str) -> None:
    answer = ask(client, email)

    assert answer.status_code == 200
    assert 'id="id_email_error"' in answer.content.decode()
    assert not SignInLetter.objects.exists()


def test_following_the_link_changes_nothing(client: Client) -> None:
    found = link(client)

    for _ in range(3):
        answer = Client().get(found)
        assert answer.status_code == 200
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "same-origin")

    assert not User.objects.exists()
    assert SignInLetter.objects.get().used_at is None


@pytest.mark.parametrize(
    "password", ["", "short", "password1234", "ada@example.com", "x" * 600, "canary\x00 battery staple"]
)
def test_a_password_that_is_not_taken_makes_nobody_and_is_not_sent_back(client: Client, password: str) -> None:
    found = link(client)

    answer = client.post(found, {"password": password})

    assert answer.status_code == 200
    assert 'id="id_password_error"' in answer.content.decode()
    assert "canary" not in answer.content.decode()
    assert not User.objects.exists()
    assert client.post(found, {"password": make.PASSWORD}).status_code == 302


def test_fields_that_are_not_asked_for_are_ignored(client: Client) -> None:
    more = {"is_staff": "1", "is_superuser": "1", "is_active": "", "id": "0" * 32, "email": "eve@example.com"}

    assert client.post(link(client), {"password": make.PASSWORD, **more}).status_code == 302

    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser, user.is_active) == (ADA, False, False, True)


def test_a_password_given_twice_is_none(client: Client) -> None:
    answer = client.post(link(client), {"password": ["x", make.PASSWORD]})

    assert answer.status_code == 400
    assert not User.objects.exists()


def test_a_link_is_good_once(client: Client) -> None:
    found = link(client)
    client.post(found, {"password": make.PASSWORD})

    for answer in (Client().get(found), Client().post(found, {"password": "another one altogether"})):
        assert answer.status_code == 410
        assert "leads nowhere any more" in answer.content.decode()
    assert User.objects.get().check_password(make.PASSWORD)


def test_who_was_given_the_address_meanwhile_keeps_it(client: Client) -> None:
    found = link(client)
    make.user()

    answer = client.post(found, {"password": "another one altogether"})

    assert "Sign in instead" in html.unescape(answer.content.decode())
    assert User.objects.get().check_password(make.PASSWORD)


def test_spaces_of_a_password_are_kept(client: Client) -> None:
    client.post(link(client), {"password": f"  {make.PASSWORD} "})

    assert User.objects.get().check_password(f"  {make.PASSWORD} ")
    assert not User.objects.get().check_password(make.PASSWORD)


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"x-forwarded-host": "evil.example"}])
def test_a_host_name_that_is_not_ours_changes_no_link(
    client: Client, headers: dict[str, str], settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client.post("/sign-up/", {"email": ADA}, headers=headers)
    mailbox.newest_link(ADA)
    client.post("/password/", {"email": ADA}, headers=headers)

    assert mailbox.newest_link(ADA) == "/password/"
    assert all("evil" not in str(message.message()) for message in mail.outbox)


def test_local_mode_tells_where_the_letters_are_and_others_do_not(client: Client, settings: Settings) -> None:
    assert "var/mail" in client.get("/sign-up/sent/").content.decode()

    settings.LOCAL = False
    assert "var/mail" not in client.get("/sign-up/sent/").content.decode()

"""What a password may be, how it is asked for, and what signing in and out does to the session."""

import pytest
from django.test import Client

from accounts.forms.signing import SignUpForm
from accounts.models import User
from tests import make
from tests.test_settings import PRODUCTION, read_settings

pytestmark = pytest.mark.django_db
EMAIL = "ada@example.com"


@pytest.mark.parametrize(
    "password",
    ["twelve words", "aaaaabbbbbcccccddddd", "7" * 19 + "1", "пароль из слов", "x y " * 40, "  blanks around it  "],
)
def test_any_signs_will_do_and_many_of_them(password: str) -> None:
    form = SignUpForm({"email": EMAIL, "password": password})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["password"] == password  # neither cut nor trimmed


@pytest.mark.parametrize("password", ["elevensigns", "qwerty123456", "1q2w3e4r5t6y", "ada@example.com"])
def test_short_common_and_ones_own_address_will_not_do(password: str) -> None:
    assert "password" in SignUpForm({"email": EMAIL, "password": password}).errors


@pytest.mark.parametrize(("url", "purpose"), [("/sign-up/", "new-password"), ("/sign-in/", "current-password")])
def test_it_is_typed_unseen_and_a_manager_may_fill_it_in(client: Client, url: str, purpose: str) -> None:
    page = client.get(url).content.decode()

    field = next(tag for tag in page.split("<") if tag.startswith("input") and 'name="password"' in tag)
    assert 'type="password"' in field
    assert f'autocomplete="{purpose}"' in field
    assert "onpaste" not in page


def test_what_was_typed_at_first_signs_in_later(client: Client) -> None:
    User.objects.create_user(EMAIL, " blanks around it ")

    assert client.post("/sign-in/", {"username": EMAIL, "password": "blanks around it"}).status_code == 200
    assert client.post("/sign-in/", {"username": EMAIL, "password": " blanks around it "}).status_code == 302


def test_signing_in_makes_a_new_session_and_signing_out_ends_it(client: Client) -> None:
    make.user()
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": EMAIL, "password": make.PASSWORD})
    first = client.cookies["sessionid"].value

    client.post("/sign-out/")
    thief = Client()
    thief.cookies["sessionid"] = first
    client.post("/sign-in/", {"username": EMAIL, "password": make.PASSWORD})

    assert thief.get("/settings/").status_code == 302  # to sign in
    assert client.cookies["sessionid"].value != first
    assert len(first) >= 32


def test_passwords_are_hashed_by_argon2() -> None:
    (settings,) = read_settings(PRODUCTION)

    assert settings["PASSWORD_HASHERS"][0] == "django.contrib.auth.hashers.Argon2PasswordHasher"

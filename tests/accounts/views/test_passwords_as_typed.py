"""A password is taken as it is typed, unseen, and opens a session that nobody knew before."""

import pytest
from django.test import Client

from accounts.models import User
from tests import make

pytestmark = pytest.mark.django_db
EMAIL = "ada@example.com"


def test_it_is_typed_unseen_and_a_manager_may_fill_it_in(client: Client) -> None:
    page = client.get("/sign-in/").content.decode()

    field = next(tag for tag in page.split("<") if tag.startswith("input") and 'name="password"' in tag)
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
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

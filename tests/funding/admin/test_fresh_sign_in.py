"""At the desk an open screen shows nothing that is hidden, and makes nobody anything."""

import re
from html import unescape

import pytest
from django.contrib import admin
from pytest_django import Settings

from accounts.models import Application, FieldReveal
from accounts.sign_in_stamp import STAMP
from brokerage.deeds import Acting
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person

pytestmark = pytest.mark.django_db

SECRET = {"again-password": make.PASSWORD}
LOOK = {"field": "phone", "because": "The bank asks for a call back."}
DANGEROUS = {
    ("application", "show"),
    ("achrelationship", "names"),
    ("brokerdocument", "allow"),
    ("user", "allow"),
    ("user", "role"),
    ("user", "second-factor"),
}


@pytest.fixture
def desk(settings: Settings) -> AtTheDesk:
    settings.FRESH_SIGN_IN_MINUTES = 5
    desk = AtTheDesk(person())
    session = desk.client.session
    session[STAMP] -= 5 * 60 + 1
    session.save()
    return desk


@pytest.fixture
def ada(db: None) -> Application:
    return make.account(make.user()).application


def test_what_is_hidden_asks_first_and_is_shown_with_the_answer(desk: AtTheDesk, ada: Application) -> None:
    url = page(ada, "show")
    assert desk.client.get(url)["Location"].startswith("/sign-in/again/?next=%2Fadmin%2Faccounts%2Fapplication%2F")

    late = desk.client.post(url, LOOK).content.decode()
    assert "Sign in again" in late
    assert not FieldReveal.objects.exists()
    kept = dict(re.findall(r'<input type="hidden" name="(field|because)" value="([^"]*)"', late))
    shown = desk.client.post(url, {**{name: unescape(value) for name, value in kept.items()}, **SECRET})

    assert ada.phone in shown.content.decode()
    assert FieldReveal.objects.get().because == LOOK["because"]


def test_a_role_and_a_password_ask_first(desk: AtTheDesk) -> None:
    other = make.user("other@ops.example", is_staff=True)

    for url in (page(other, "role"), page(other, "password")):
        assert desk.client.get(url)["Location"].startswith("/sign-in/again/"), url


def test_the_rest_of_the_desk_does_not_ask(desk: AtTheDesk, ada: Application) -> None:
    for url in ("/admin/", page(ada), page(ada, "stop")):
        assert desk.client.get(url).status_code in (200, 404), url


def test_those_that_ask_are_these() -> None:
    marked = {
        (desk.opts.model_name, deed.name)
        for desk in admin.site._registry.values()
        if isinstance(desk, Acting)
        for deed in desk.deeds
        if deed.is_dangerous
    }

    assert marked == DANGEROUS

"""A form says each thing once: what is doubled is refused, and nothing is done."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.test import Client

from accounts.models import Application, User
from brokerage import entrance
from funding.models import Transfer
from tests import make
from tests.access.addresses import TABLE
from tests.access.test_customers import written
from tests.access.world import World
from tests.hostile.test_strings import forms as pages_with_forms

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def test_no_form_takes_a_field_twice(world: World) -> None:
    """Each name once, and each page with all of its own."""
    tried: set[str] = set()
    for persona, url, names in list(pages_with_forms(world)):
        single = {*names, "form_key"} - entrance.MANY - entrance.MANY_AT_THE_DESK
        for doubled in [[name] for name in single - tried] or [list(single)]:
            with written() as tables:
                answer = world.browsers[persona].post(url, {name: ["1", "2"] for name in doubled})
            assert answer.status_code == 400, (url, doubled)
            assert tables <= {"django_session"}, (url, doubled, tables)
        tried |= single

    assert len(tried) > 60


def test_nor_one_value_in_the_address_and_another_in_the_form(world: World) -> None:
    for name, row in TABLE.items():
        if "POST" not in row.methods or name == "plaid-webhook":
            continue
        url = row.url(name, world.own[row.own].pk if row.own else None)
        with written() as tables:
            answer = world.browsers["owner"].post(f"{url}?form_key=1", {"form_key": "2"})
        assert answer.status_code == 400, name
        assert "We could not read that" in answer.content.decode()
        assert not tables - {"django_session"}, (name, tables)


def test_the_same_in_both_is_no_contradiction(client: Client) -> None:
    make.user("ada@example.com")

    answer = client.post(
        "/sign-in/?next=/bank/", {"username": "ada@example.com", "password": make.PASSWORD, "next": "/bank/"}
    )

    assert answer["Location"] == "/bank/"


def test_the_amount_says_so_beside_it(world: World) -> None:
    answer = world.browsers["owner"].post("/deposit/", "amount=1&amount=9999", content_type=FORM)

    assert answer.status_code == 200
    assert answer.context["form"].errors["amount"]
    assert Transfer.objects.count() == 3  # those that the world began with


def test_what_takes_many_is_named() -> None:
    taking = {name for form in _forms() for name, field in form.base_fields.items() if _takes_many(field)}

    assert taking == entrance.MANY - {"amount"}


def _takes_many(field: forms.Field) -> bool:
    """Say whether a field of ours takes several; what Django's own page of a user would take, nobody may change."""
    return isinstance(field, forms.MultipleChoiceField) and not isinstance(field, forms.ModelMultipleChoiceField)


def _forms() -> Iterator[Any]:
    """Return every form of ours that is imported, and that is all of them: the urls import the views."""
    waiting = [forms.BaseForm]
    while waiting:
        for each in waiting.pop().__subclasses__():
            waiting.append(each)
            if each.__module__.startswith(("accounts.", "funding.", "brokerage.")):
                yield each


def test_sources_of_money_may_be_several(world: World) -> None:
    browser = world.browsers["applicant"]
    typed = make.ANSWERS["money"] | {"funding_sources": ["savings", "inheritance"]}

    browser.post("/apply/money/", typed)

    applied = Application.objects.get(user=User.objects.get(email="applicant@example.com"))
    assert sorted(applied.funding_sources) == ["inheritance", "savings"]

"""Whom the customer names: companies, family, a trusted contact."""

from typing import Any

import pytest

from accounts.forms import FORMS
from tests import make

pytestmark = pytest.mark.django_db  # rules of the table are asked of the database

REACHED = ("email_address", "phone", "street_address")


def errors(slug: str, **answers: Any) -> dict[str, list[str]]:
    good = make.TRUSTED_CONTACT if slug == "trusted-contact" else make.MORE_ANSWERS[slug]
    form = FORMS[slug]({**good, **answers})
    return {field: [str(each) for each in found] for field, found in form.errors.items()}


@pytest.mark.parametrize("slug", ["company", "firm", "family", "trusted-contact"])
def test_good_answers_are_taken(slug: str) -> None:
    assert errors(slug) == {}


@pytest.mark.parametrize("field", list(make.MORE_ANSWERS["company"]))
def test_a_company_has_a_name_a_place_and_a_compliance_department(field: str) -> None:
    assert list(errors("company", **{field: ""})) == [field]


@pytest.mark.parametrize(("field", "wrong"), [("company_state", "XX"), ("company_compliance_email", "nobody")])
def test_what_the_broker_cannot_use_of_a_company_is_refused(field: str, wrong: str) -> None:
    assert list(errors("company", **{field: wrong})) == [field]


def test_a_company_abroad_has_no_state() -> None:
    form = FORMS["company"]({**make.MORE_ANSWERS["company"], "company_country": "PRT", "company_state": "Lisboa"})

    assert form.is_valid()
    assert form.cleaned_data["company_state"] == ""


@pytest.mark.parametrize("field", ["given_name", "family_name"])
def test_a_family_member_has_a_name(field: str) -> None:
    assert list(errors("family", **{field: " "})) == [field]


def test_nobody_may_be_named_whatever_else_was_typed() -> None:
    form = FORMS["trusted-contact"]({"names_trusted_contact": "False", "email_address": "x", "given_name": "1"})

    assert form.is_valid()
    assert form.cleaned_data == {"names_trusted_contact": False}


@pytest.mark.parametrize("answer", [None, "", "maybe"])
def test_whether_somebody_is_named_has_to_be_said(answer: str | None) -> None:
    assert list(errors("trusted-contact", names_trusted_contact=answer)) == ["names_trusted_contact"]


@pytest.mark.parametrize("field", ["given_name", "family_name"])
def test_somebody_has_a_name(field: str) -> None:
    assert list(errors("trusted-contact", **{field: ""})) == [field]


def test_somebody_can_be_reached() -> None:
    assert list(errors("trusted-contact", **dict.fromkeys(REACHED, ""))) == ["email_address"]


@pytest.mark.parametrize("way", REACHED)
def test_one_way_to_reach_somebody_is_enough(way: str) -> None:
    assert errors("trusted-contact", **{other: "" for other in REACHED if other != way}) == {}


@pytest.mark.parametrize("field", ["city", "country", "state", "postal_code"])
def test_an_address_has_its_place(field: str) -> None:
    assert list(errors("trusted-contact", **{field: ""})) == [field]


@pytest.mark.parametrize(
    ("field", "wrong"), [("state", "XX"), ("postal_code", "0703"), ("phone", "555"), ("city", "1")]
)
def test_what_can_not_be_sent_is_refused(field: str, wrong: str) -> None:
    assert list(errors("trusted-contact", **{field: wrong})) == [field]


def test_an_address_abroad_is_taken() -> None:
    assert errors("trusted-contact", country="PRT", state="Lisboa", postal_code="1100-148", city="Lisboa") == {}

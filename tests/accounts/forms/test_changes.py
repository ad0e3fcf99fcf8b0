"""Changing an answer later keeps the rules under which it was given."""

import uuid
from typing import Any

import pytest
from django import forms

from accounts import kept_details
from accounts.forms import FORMS as ASKED
from accounts.forms import changes
from accounts.models import DetailsChange
from tests import make
from tests.accounts.changing import FIRM

pytestmark = pytest.mark.django_db  # rules of the table are asked of the database

Kind = DetailsChange.Kind
KEY = str(uuid.uuid4())
HOME = dict.fromkeys(kept_details.ADDRESS, "") | {"phone": "+12015550143", "country": "USA"}
CONTACT = make.ANSWERS["contact"] | make.ANSWERS["address"]
NO = dict.fromkeys(kept_details.DISCLOSURES, "False")
# A kind, the application's page that asks for the same, and what our names of the fields begin with.
SAME = [
    (Kind.CONTACT, "contact", ""),
    (Kind.CONTACT, "address", ""),
    (Kind.WORK, "work", ""),
    (Kind.TRUSTED_CONTACT, "trusted-contact", ""),
    (Kind.DISCLOSURES, "disclosures", ""),
    (Kind.DISCLOSURES, "company", "controlled_firm-"),
    (Kind.DISCLOSURES, "firm", "affiliate_firm-"),
    (Kind.DISCLOSURES, "family", "immediate_family_exposed-"),
]


def form(kind: str, answers: dict[str, Any], present: dict[str, Any] | None = None) -> Any:
    return changes.FORMS[kind](answers | {"form_key": KEY}, present=present or {})


def company(**answers: Any) -> dict[str, Any]:
    lines = {f"controlled_firm-{name}": text for name, text in (FIRM | answers).items()}
    return NO | {"is_control_person": "True"} | lines


def kept_company(**answers: Any) -> Any:
    filled = form(Kind.DISCLOSURES, company(**answers))
    assert filled.is_valid(), filled.errors
    return filled.values["contexts"]["CONTROLLED_FIRM"]


def asked(field: forms.Field) -> tuple[Any, ...]:
    """Return what a customer sees of a field and what it takes."""
    return type(field), field.label, field.help_text, field.error_messages.get("required"), getattr(field, "rule", None)


@pytest.mark.parametrize(("kind", "slug", "prefix"), SAME)
def test_a_question_is_the_same_as_in_the_application(kind: str, slug: str, prefix: str) -> None:
    ours = form(kind, {}, HOME).fields

    for name, field in ASKED[slug]().fields.items():
        if name != "names_trusted_contact":  # whoever changes it names somebody
            assert asked(ours[f"{prefix}{name}"]) == asked(field), name


@pytest.mark.parametrize("line", ["street_address", "street_address_2"])
def test_no_line_of_the_address_is_a_po_box(line: str) -> None:
    assert list(form(Kind.CONTACT, CONTACT | {line: "P.O. Box 12"}, HOME).errors) == [line]


def test_whoever_lives_abroad_stays_in_that_country() -> None:
    moved = CONTACT | {"country": "PRT", "state": "", "city": "Leeds", "postal_code": "LS1 4DY"}

    filled = form(Kind.CONTACT, moved, HOME | {"country": "GBR"})

    assert filled.is_valid(), filled.errors
    assert (filled.values["country"], filled.values["postal_code"]) == ("GBR", "LS1 4DY")


@pytest.mark.parametrize("state", ["XX", "", "Ontario"])
def test_a_company_in_the_usa_is_in_a_state_that_exists(state: str) -> None:
    assert list(form(Kind.DISCLOSURES, company(company_state=state)).errors) == ["controlled_firm-company_state"]


def test_the_state_of_a_company_is_kept_by_its_two_letters() -> None:
    assert kept_company(company_state="new jersey")["company_state"] == "NJ"
    assert kept_company(company_country="PRT", company_state="Lisboa")["company_state"] == ""


def test_what_stands_behind_a_no_can_not_be_wrong() -> None:
    filled = form(Kind.DISCLOSURES, company(company_compliance_email="nobody") | {"is_control_person": "False"})

    assert filled.is_valid(), filled.errors
    assert filled.values["contexts"] == {}


def test_a_trusted_contact_may_live_abroad() -> None:
    abroad = {"country": "PRT", "city": "Lisboa", "state": "Lisboa", "postal_code": "1100-148"}

    assert form(Kind.TRUSTED_CONTACT, make.TRUSTED_CONTACT | abroad).is_valid()


def test_without_a_street_nothing_is_kept_of_an_address() -> None:
    filled = form(Kind.TRUSTED_CONTACT, make.TRUSTED_CONTACT | {"street_address": ""})

    assert filled.is_valid(), filled.errors
    assert filled.values.keys() == set(kept_details.TRUSTED)
    assert not any(filled.values[name] for name in ("city", "state", "postal_code", "country"))


def test_an_address_that_is_wrong_is_told_once() -> None:
    errors = form(Kind.TRUSTED_CONTACT, make.TRUSTED_CONTACT | {"postal_code": "0" * 21}).errors

    assert list(errors) == ["postal_code"]

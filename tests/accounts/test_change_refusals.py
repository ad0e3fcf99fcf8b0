"""What the broker refuses of a change leads to the field that it is about, in plain words."""

import pytest

from accounts import change_refusals, kept_details
from accounts.forms import changes
from accounts.models import DetailsChange
from tests.accounts.test_refusals import ASKED
from tests.brokerage.sandbox import amendment_refusals
from tests.brokerage.sandbox.refused import Refused

pytestmark = pytest.mark.django_db  # rules of the table are asked of the database

Kind = DetailsChange.Kind
# A page of the application, and the kind of change that asks for the same.
KINDS = {
    "contact": Kind.CONTACT,
    "address": Kind.CONTACT,
    "work": Kind.WORK,
    "trusted-contact": Kind.TRUSTED_CONTACT,
    "disclosures": Kind.DISCLOSURES,
    "company": Kind.DISCLOSURES,
    "family": Kind.DISCLOSURES,
}
PRESENT = dict.fromkeys(("phone", *kept_details.ADDRESS), "")


def of(kind: str, refusal: str) -> tuple[str, str]:
    return change_refusals.of(DetailsChange(kind=kind, refusal=refusal))


def concerned() -> list[Refused]:
    """Return the rows of the broker's table that are about something which a customer can change."""
    rows = [row for section in amendment_refusals.SECTIONS.values() for row in section]
    return [row for row in rows if row.field in ASKED and ASKED[row.field][0] in KINDS]


def test_every_refusal_of_the_broker_leads_to_a_field_of_the_form() -> None:
    forms = {kind: changes.FORMS[kind](present=PRESENT) for kind in KINDS.values()}
    for row in concerned():
        slug, name = ASKED[row.field]
        form = forms[KINDS[slug]]

        field, sentence = of(KINDS[slug], row.message)

        expected = {"company": "", "family": f"immediate_family_exposed-{name}"}.get(slug, name)
        assert field == expected, row
        assert not field or field in form.fields or field == "country", row
        assert row.message not in sentence


def test_the_table_is_walked_whole() -> None:
    assert len(concerned()) >= 60
    assert {KINDS[ASKED[row.field][0]] for row in concerned()} == set(KINDS.values())


@pytest.mark.parametrize(
    ("kind", "refusal", "field", "says"),
    [
        (Kind.CONTACT, "phone_number is invalid", "phone", "this phone number"),
        (Kind.CONTACT, "street_address cannot be a P.O. Box", "street_address", "no PO boxes"),
        (Kind.TRUSTED_CONTACT, "phone_number is invalid", "phone", "this phone number"),
        (Kind.WORK, "employer_name is required", "employer_name", "this name of an employer"),
        (Kind.DISCLOSURES, "company_city is required", "", "about the company"),
        (Kind.DISCLOSURES, "context is required", "", "answered with yes"),
        (Kind.DISCLOSURES, "family_name is invalid", "immediate_family_exposed-family_name", "this last name"),
        (Kind.DISCLOSURES, "is_control_person must be a boolean", "is_control_person", "Check each answer"),
    ],
)
def test_a_refusal_is_told_in_plain_words(kind: str, refusal: str, field: str, says: str) -> None:
    found, sentence = of(kind, refusal)

    assert found == field
    assert says in sentence


@pytest.mark.parametrize("kind", sorted(set(KINDS.values())))
@pytest.mark.parametrize("refusal", ["", "not open in the United Kingdom", "given_names of a statement", "visa is old"])
def test_what_names_nothing_of_the_kind_leads_to_all_of_it(kind: str, refusal: str) -> None:
    field, sentence = of(kind, refusal)

    assert field == ""
    assert "Check each answer, or write to us" in sentence

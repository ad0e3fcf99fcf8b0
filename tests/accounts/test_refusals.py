"""What the broker refuses leads to the page and the field that it is about, in plain words."""

import pytest

from accounts import refusals, states, steps
from accounts.forms import FORMS


@pytest.mark.parametrize(
    ("reason", "slug", "field"),
    [
        ("given_name contains characters that are not allowed", "name", "given_name"),
        ("middle_name must be at most 50 characters", "name", "middle_name"),
        ("email_address is invalid", "name", ""),
        ("phone_number is invalid", "contact", "phone"),
        ("street_address cannot be a P.O. Box", "address", "street_address"),
        ("postal_code is invalid", "address", "postal_code"),
        ("state is invalid", "address", "state"),
        ("date_of_birth is invalid", "birth", "date_of_birth"),
        ("country_of_birth must be an ISO 3166-1 alpha-3 code", "birth", "country_of_birth"),
        ("country_of_citizenship is invalid", "citizenship", "country_of_citizenship"),
        ("visa_expiration_date is required", "visa", "visa_expires_on"),
        ("date_of_departure_from_usa is required", "visa", "leaves_usa_on"),
        ("tax_id must be 9 digits", "tax-id", "tax_id"),
        ("tax_id_type is required", "tax-id", "tax_id_type"),
        ("employment_status is invalid", "work", "employment_status"),
        ("employer_name must be at most 100 characters", "work", "employer_name"),
        ("funding_source is required", "money", "funding_sources"),
        ("annual_income_min is invalid", "money", "annual_income"),
        ("risk_tolerance is invalid", "profile", "risk_tolerance"),
        ("is_politically_exposed is required", "disclosures", "is_politically_exposed"),
        ("immediate_family_exposed is required", "disclosures", "immediate_family_exposed"),
        ("is_control_person is required", "disclosures", "is_control_person"),
        ("company_street_address cannot be a P.O. Box", "company", "company_street_address"),
        ("trusted_contact must have an email_address, a phone_number", "trusted-contact", "email_address"),
        ("agreement is invalid", "agreements", ""),
        (states.OTHER_IDENTITY, "name", ""),
    ],
)
def test_a_refusal_leads_to_the_field_it_is_about(reason: str, slug: str, field: str) -> None:
    refused = refusals.read(reason)

    assert refused is not None
    assert (refused.slug, refused.field) == (slug, field)


@pytest.mark.parametrize("reason", ["something else entirely", ""])
def test_a_refusal_about_nothing_that_we_ask_leads_nowhere(reason: str) -> None:
    assert refusals.read(reason) is None


# Asked only where the firm serves other countries, too.
ABROAD_ONLY = ("country", "country_of_tax_residence")


@pytest.mark.parametrize("row", refusals._FIELDS, ids=lambda row: str(row[0]))
def test_every_page_and_field_that_is_named_exists(row: tuple[str, str, str]) -> None:
    word, slug, field = row

    assert slug in steps.BY_SLUG
    assert not field or field in [*FORMS[slug]().fields, *ABROAD_ONLY]
    assert word == word.lower()


def test_what_the_customer_reads_says_what_to_do() -> None:
    box = refusals.read("street_address cannot be a P.O. Box")
    odd = refusals.read("city is odd")

    assert box is not None
    assert odd is not None
    assert box.sentence == "The broker takes no PO box. Enter the street address where you live."
    assert odd.sentence == "The broker could not take this answer. Check it, and change it."

"""What the broker refuses leads to the page and the field that it is about, in plain words."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts import refusals, states, steps
from accounts.forms import FORMS
from accounts.models import Application
from accounts.operations import broker_form
from tests import make
from tests.brokerage.sandbox import application_refusals
from tests.brokerage.sandbox.refused import Refused

pytestmark = pytest.mark.django_db

# The broker's field → where we ask for it. What a customer never answers stands in OURS.
ASKED: dict[str, tuple[str, str]] = {
    "contact.email_address": ("name", ""),
    "contact.phone_number": ("contact", "phone"),
    "contact.street_address": ("address", "street_address"),
    "contact.unit": ("address", "unit"),
    "contact.city": ("address", "city"),
    "contact.state": ("address", "state"),
    "contact.postal_code": ("address", "postal_code"),
    "contact.country": ("address", "country"),
    "identity.given_name": ("name", "given_name"),
    "identity.middle_name": ("name", "middle_name"),
    "identity.family_name": ("name", "family_name"),
    "identity.date_of_birth": ("birth", "date_of_birth"),
    "identity.country_of_birth": ("birth", "country_of_birth"),
    "identity.country_of_citizenship": ("citizenship", "country_of_citizenship"),
    "identity.country_of_tax_residence": ("tax-id", "country_of_tax_residence"),
    "identity.tax_id": ("tax-id", "tax_id"),
    "identity.tax_id_type": ("tax-id", "tax_id_type"),
    "identity.permanent_resident": ("birth", "residency"),
    "identity.visa_type": ("visa", "visa_type"),
    "identity.visa_expiration_date": ("visa", "visa_expires_on"),
    "identity.date_of_departure_from_usa": ("visa", "leaves_usa_on"),
    "identity.funding_source": ("money", "funding_sources"),
    "identity.annual_income_min": ("money", "annual_income"),
    "identity.annual_income_max": ("money", "annual_income"),
    "identity.liquid_net_worth_min": ("money", "liquid_net_worth"),
    "identity.liquid_net_worth_max": ("money", "liquid_net_worth"),
    "identity.total_net_worth_min": ("money", "total_net_worth"),
    "identity.total_net_worth_max": ("money", "total_net_worth"),
    "identity.marital_status": ("profile", "marital_status"),
    "identity.number_of_dependents": ("profile", "number_of_dependents"),
    "identity.investment_experience_with_stocks": ("profile", "experience_with_stocks"),
    "identity.investment_experience_with_options": ("profile", "experience_with_options"),
    "identity.investment_objective": ("profile", "investment_objective"),
    "identity.investment_time_horizon": ("profile", "investment_time_horizon"),
    "identity.risk_tolerance": ("profile", "risk_tolerance"),
    "identity.liquidity_needs": ("profile", "liquidity_needs"),
    "investment_objective": ("profile", "investment_objective"),
    "investment_time_horizon": ("profile", "investment_time_horizon"),
    "risk_tolerance": ("profile", "risk_tolerance"),
    "liquidity_needs": ("profile", "liquidity_needs"),
    "disclosures.is_control_person": ("disclosures", "is_control_person"),
    "disclosures.is_affiliated_exchange_or_finra": ("disclosures", "is_affiliated_exchange_or_finra"),
    "disclosures.is_politically_exposed": ("disclosures", "is_politically_exposed"),
    "disclosures.immediate_family_exposed": ("disclosures", "immediate_family_exposed"),
    "disclosures.employment_status": ("work", "employment_status"),
    "disclosures.employment_sector": ("work", "employment_sector"),
    "disclosures.employer_name": ("work", "employer_name"),
    "disclosures.employer_address": ("work", "employer_address"),
    "disclosures.employment_position": ("work", "employment_position"),
    "disclosures.context": ("disclosures", ""),
    "disclosures.context.context_type": ("disclosures", ""),
    **{
        f"disclosures.context.company_{part}": ("company", f"company_{part}")
        for part in ("name", "street_address", "city", "state", "country", "compliance_email")
    },
    "disclosures.context.given_name": ("family", "given_name"),
    "disclosures.context.family_name": ("family", "family_name"),
    "agreements": ("agreements", ""),
    "agreements.agreement": ("agreements", ""),
    "agreements.ip_address": ("agreements", ""),
    "agreements.signed_at": ("agreements", ""),
    "trusted_contact": ("trusted-contact", "email_address"),
    "trusted_contact.given_name": ("trusted-contact", "given_name"),
    "trusted_contact.family_name": ("trusted-contact", "family_name"),
    "trusted_contact.email_address": ("trusted-contact", "email_address"),
    "trusted_contact.phone_number": ("trusted-contact", "phone"),
    "trusted_contact.street_address": ("trusted-contact", "street_address"),
    "trusted_contact.city": ("trusted-contact", "city"),
    "trusted_contact.state": ("trusted-contact", "state"),
    "trusted_contact.postal_code": ("trusted-contact", "postal_code"),
    "trusted_contact.country": ("trusted-contact", "country"),
}
OURS = {
    *("", "contact", "identity", "disclosures", "documents", "beneficiaries", "primary_account_holder_id"),
    *("account_type", "account_sub_type", "enabled_assets", "currency", "additional_information", "allow_instant_ach"),
    *("trading_configurations", "cash_interest", "fpsl", "agreements.revision"),
}


def whole() -> Application:
    """Make an application of somebody who was asked everything."""
    answers: dict[str, Any] = dict.fromkeys(make.ANSWERS["disclosures"], True)
    return make.application(make.user(), residency="visa", names_trusted_contact=True, **answers)


def is_ours(field: str) -> bool:
    return field in OURS or field.split(".")[0] in ("documents", "beneficiaries", "trading_configurations")


def test_every_refusal_of_the_broker_is_shown_at_its_field() -> None:
    application = whole()

    for row in application_refusals.REFUSALS:
        refused = refusals.read(row.message, application)
        if is_ours(row.field):
            continue
        assert refused is not None, row
        assert ASKED[row.field] in refused.places, (row, refused)
        assert refused.sentence


def test_the_table_is_walked_whole() -> None:
    walked = [row for row in application_refusals.REFUSALS if not is_ours(row.field)]

    assert len(walked) >= 150
    assert {row.field for row in walked} <= set(ASKED)


def test_what_is_not_asked_of_somebody_is_not_held_against_them() -> None:
    citizen = make.application(make.user())

    refused = refusals.read("given_name is odd", citizen)

    assert refused is not None
    assert refused.places == (("name", "given_name"),)
    assert refusals.read("visa_type is invalid", citizen) is None


@pytest.mark.parametrize(
    "reason",
    [
        *("something else entirely", "", "account_type is invalid"),
        *("not open in the United Kingdom", "no capacity left", "see the statement", "the assnation failed", "states"),
    ],
)
def test_a_refusal_about_nothing_that_we_ask_leads_nowhere(reason: str) -> None:
    assert refusals.read(reason, whole()) is None


def test_another_identity_leads_to_name_and_birth() -> None:
    refused = refusals.read(states.OTHER_IDENTITY, whole())

    assert refused is not None
    assert [slug for slug, _ in refused.places] == ["name", "birth"]


def test_every_page_and_field_that_is_named_exists(settings: Settings) -> None:
    settings.RESIDENCE_COUNTRIES = ["USA", "PRT"]

    for word, places in refusals._FIELDS:
        assert word == word.lower()
        for slug, field in places:
            assert slug in steps.BY_SLUG
            assert not field or field in FORMS[slug]().fields, (slug, field)


def test_what_the_customer_reads_says_what_to_do() -> None:
    application = whole()

    box = refusals.read("street_address cannot be a P.O. Box", application)
    odd = refusals.read("city is odd", application)

    assert box is not None
    assert odd is not None
    assert box.sentence == "The broker takes no PO box. Enter the street address where you live."
    assert odd.sentence == "The broker could not take this answer. Check it, and change it."


# --- Before the broker sees it ----------------------------------------------------------------------------------------

TYPED = [
    row
    for row in application_refusals.REFUSALS
    if isinstance(row.value, str)
    and row.status == 422
    and row.field in ASKED
    and not row.also
    and ASKED[row.field][1] not in ("", "country", "country_of_tax_residence", "residency")
    and row.field.startswith(("contact.", "identity.given", "identity.family", "identity.middle", "identity.date"))
]


@pytest.mark.parametrize("row", TYPED, ids=str)
def test_what_the_broker_would_refuse_is_refused_or_mended_here(row: Refused) -> None:
    slug, field = ASKED[row.field]
    answers: dict[str, Any] = {**make.ANSWERS.get(slug, make.MORE_ANSWERS.get(slug, {})), field: row.value}

    form = FORMS[slug](answers)

    assert field in form.errors or row.value not in sent(form.cleaned_data)


def sent(cleaned: dict[str, Any]) -> list[Any]:
    """Return every value that the broker would be sent of these answers."""
    form = broker_form.filled_in(make.application(make.user(), **cleaned))
    return [*form["contact"].values(), *form["contact"]["street_address"], *form["identity"].values()]


def test_enough_of_what_is_typed_is_tried() -> None:
    assert len(TYPED) >= 25

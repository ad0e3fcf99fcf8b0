"""Where the firm serves other countries: addresses, residency and tax numbers from there; at home the same rules."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts import states
from accounts.forms import FORMS
from accounts.models import Application
from accounts.operations import onboarding
from tests import make
from tests.harness.sandbox import Sandbox

ADDRESS = {
    "country": "PRT",
    "street_address": "Rua Augusta 12",
    "city": "Lisboa",
    "state": "",
    "postal_code": "1100-148",
}
NUMBER = {"tax_id_type": "NATIONAL_ID", "country_of_tax_residence": "PRT", "tax_id": "PT 123.456.789"}


@pytest.fixture(autouse=True)
def serves_portugal(settings: Settings) -> None:
    settings.RESIDENCE_COUNTRIES = ["USA", "PRT"]


def cleaned(slug: str, **answers: Any) -> dict[str, Any]:
    form = FORMS[slug](answers)
    assert form.errors == {}
    found: dict[str, Any] = form.cleaned_data
    return found


def test_an_address_abroad_is_taken() -> None:
    assert cleaned("address", **ADDRESS)["country"] == "PRT"


def test_an_address_at_home_is_held_to_its_state() -> None:
    home = {**make.ANSWERS["address"], "country": "USA"}

    assert cleaned("address", **{**home, "state": "nj"})["state"] == "NJ"
    assert list(FORMS["address"]({**home, "state": "Lisboa"}).errors) == ["state"]
    assert list(FORMS["address"]({**home, "postal_code": "90210"}).errors) == ["postal_code"]


@pytest.mark.parametrize("country", ["", "FRA", "US", "XXX"])
def test_a_country_that_is_not_served_is_refused(country: str) -> None:
    assert list(FORMS["address"]({**ADDRESS, "country": country}).errors) == ["country"]


def test_who_lives_abroad_says_so() -> None:
    assert FORMS["birth"]({**make.ANSWERS["birth"], "residency": "abroad"}).is_valid()


def test_nobody_lives_abroad_where_only_the_united_states_are_served(settings: Settings) -> None:
    settings.RESIDENCE_COUNTRIES = ["USA"]

    assert list(FORMS["birth"]({**make.ANSWERS["birth"], "residency": "abroad"}).errors) == ["residency"]
    assert "country" not in FORMS["address"]().fields
    assert "country_of_tax_residence" not in FORMS["tax-id"]().fields


def test_another_countrys_number_is_taken_as_it_stands() -> None:
    assert cleaned("tax-id", **NUMBER)["tax_id"] == "PT123.456.789"


@pytest.mark.parametrize(
    ("kind", "number"), [("USA_SSN", "PT123"), ("USA_ITIN", "444-55-4321"), ("NATIONAL_ID", "abc")]
)
def test_a_number_is_held_to_its_kind(kind: str, number: str) -> None:
    assert list(FORMS["tax-id"]({**NUMBER, "tax_id_type": kind, "tax_id": number}).errors) == ["tax_id"]


@pytest.mark.django_db
def test_somebody_abroad_opens_an_account(sandbox: Sandbox) -> None:
    application = make.application(
        make.user(),
        **{**ADDRESS, "unit": ""},
        phone="+351213220000",
        country_of_birth="PRT",
        residency="abroad",
        country_of_citizenship="PRT",
        country_of_tax_residence="PRT",
        tax_id_type="NATIONAL_ID",
        tax_id="PT123456789",
    )

    onboarding.submit(application=application)

    assert (Application.objects.get().status, Application.objects.get().refusal) == (states.ACCEPTED, "")

"""Whoever lives, and wherever: the rules take their answers, and the broker's rules take what becomes of them."""

from datetime import date
from typing import Any

import pytest

from accounts.rules import addresses, days, emails, letters, names, phones
from brokerage.gateways import broker_accounts
from brokerage.sandbox.broker import applicant, fields
from tests.accounts.rules.real_people import ABROAD, AMERICAN_SPELLINGS, AT_HOME, EMAILS, NAMES, PHONES, UNITS
from tests.harness.sandbox import Sandbox

TODAY = date(2026, 11, 22)
# The broker tells of states and territories only, and may have no word for these.
MILITARY = ("AA", "AE", "AP")
IDENTITY = {
    "date_of_birth": days.birth(date(1991, 3, 9), TODAY),
    "country_of_tax_residence": "USA",
    "tax_id": "444554321",
    "tax_id_type": "USA_SSN",
    "funding_source": ["savings"],
}
DISCLOSURES = {
    "is_control_person": False,
    "is_affiliated_exchange_or_finra": False,
    "is_politically_exposed": False,
    "immediate_family_exposed": False,
    "employment_status": "RETIRED",
}
AGREEMENTS = [
    {"agreement": "customer_agreement", "signed_at": "2026-11-22T10:00:00Z", "ip_address": "203.0.113.7"},
]


def test_the_lists_are_long() -> None:
    assert len({*NAMES}) >= 200
    assert len({*AT_HOME}) + len({*ABROAD}) >= 200
    assert len({*PHONES}) >= 200
    assert {state for _, _, state, _ in AT_HOME} >= fields.STATES | {*MILITARY}


@pytest.mark.parametrize("written", NAMES)
def test_a_real_name_is_taken(written: str) -> None:
    kept = names.name(written)

    sent = letters.in_broker_letters(kept)
    assert names.name(kept) == kept
    assert letters.has_letters(sent)
    fields.person_name("given_name", sent)


@pytest.mark.parametrize(("line", "town", "state", "zip_code"), AT_HOME)
def test_a_real_address_is_taken(line: str, town: str, state: str, zip_code: str) -> None:
    contact = {
        "street_address": [letters.in_plain_letters(addresses.street(line))],
        "city": letters.in_broker_letters(addresses.city(town)),
        "state": addresses.us_state(state),
        "postal_code": addresses.zip_in_state(addresses.zip_code(zip_code), state),
    }

    person = contact | {"email_address": EMAILS[0], "state": "NJ" if state in MILITARY else state}
    applicant.check_contact(person, tax_residence="USA")


@pytest.mark.parametrize(("line", "town", "state", "postal_code", "country"), ABROAD)
def test_a_real_address_abroad_is_taken(line: str, town: str, state: str, postal_code: str, country: str) -> None:
    contact = {
        "street_address": [letters.in_plain_letters(addresses.street(line))],
        "city": letters.in_broker_letters(addresses.city(town)),
        "state": letters.in_broker_letters(addresses.state_abroad(state)),
        "postal_code": addresses.postal_code(postal_code, country),
        "country": country,
    }

    applicant.check_contact(contact | {"email_address": EMAILS[0]}, tax_residence=country)


@pytest.mark.parametrize("written", UNITS)
def test_a_real_unit_is_taken(written: str) -> None:
    fields.at_most(addresses.LONGEST_UNIT)("unit", letters.in_plain_letters(addresses.unit(written)))


@pytest.mark.parametrize("written", PHONES)
def test_a_real_phone_is_taken(written: str) -> None:
    kept = phones.phone(written)

    assert phones.phone(kept) == kept
    assert phones.phone(phones.national(kept)) == kept
    fields.phone("phone_number", kept)


@pytest.mark.parametrize("written", AMERICAN_SPELLINGS)
def test_all_spellings_are_the_same_number(written: str) -> None:
    assert phones.phone(written) == "+12015550143"


@pytest.mark.parametrize("written", EMAILS)
def test_a_real_email_address_is_taken(written: str) -> None:
    fields.email("email_address", emails.email_for_broker(f" {written} "))


def people(how_many: int) -> list[dict[str, Any]]:
    """Return whole people, each with another name, address, phone and email address."""
    step = len(NAMES) // how_many
    homes = [home for home in AT_HOME if home[2] not in MILITARY][:: len(AT_HOME) // how_many]
    return [
        {"names": NAMES[number * step : number * step + 2], "home": home, "phone": PHONES[number * step % len(PHONES)]}
        for number, home in enumerate(homes[:how_many])
    ]


@pytest.mark.parametrize("person", people(25))
def test_the_broker_opens_an_account_for_a_real_person(person: dict[str, Any], sandbox: Sandbox) -> None:
    given, family = (letters.in_broker_letters(names.name(each)) for each in person["names"])
    line, town, state, zip_code = person["home"]
    contact = {
        "email_address": emails.email_for_broker("ada@example.com"),
        "phone_number": phones.phone(person["phone"]),
        "street_address": [letters.in_plain_letters(addresses.street(line))],
        "city": letters.in_broker_letters(addresses.city(town)),
        "state": addresses.us_state(state),
        "postal_code": addresses.zip_in_state(addresses.zip_code(zip_code), state),
        "country": "USA",
    }

    answer = broker_accounts.create_account(
        {
            "contact": contact,
            "identity": IDENTITY | {"given_name": given, "family_name": family},
            "disclosures": DISCLOSURES,
            "agreements": AGREEMENTS,
        }
    )

    assert (answer.given_name, answer.family_name) == (given, family)

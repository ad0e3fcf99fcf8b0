"""An application as the broker's form wants it: their field names, their letters, their kind of address.

Called by onboarding, and by the page that shows the customer what is sent. https://docs.alpaca.markets/reference/createaccount
"""

from typing import Any

from anyascii import anyascii

from accounts.models import Application, Residency

# The broker's longest name: https://docs.alpaca.markets/us/docs/data-validations
NAME_LENGTH = 50


def in_broker_letters(name: str) -> str:
    """Return a name in the printable ASCII that the broker takes: Thảo Nguyễn → Thao Nguyen."""
    return anyascii(name).strip()[:NAME_LENGTH].strip()


def filled_in(application: Application) -> dict[str, Any]:
    """Return the application in the broker's field names."""
    return {
        "contact": _contact(application),
        "identity": _identity(application),
        "disclosures": _disclosures(application),
        "agreements": [
            {
                "agreement": signature.agreement,
                "signed_at": signature.signed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "ip_address": _in_four_numbers(signature.ip_address),
            }
            for signature in application.signatures.all()
        ],
    }


def _in_four_numbers(ip_address: str) -> str:
    """Return an address as the broker takes it, which knows IPv4 only; an IPv6 one stays with the signature here."""
    return "0.0.0.0" if ":" in ip_address else ip_address  # noqa: S104 - says "none", as where we know none


def _contact(application: Application) -> dict[str, Any]:
    contact = {
        "email_address": application.user.email,
        "phone_number": application.phone,
        "street_address": [anyascii(application.street_address)],
        "city": anyascii(application.city),
        "state": application.state,
        "postal_code": application.postal_code,
        "country": "USA",
    }
    return contact | ({"unit": anyascii(application.unit)} if application.unit else {})


def _identity(application: Application) -> dict[str, Any]:
    income_min, income_max = map(int, application.annual_income.split("-"))
    worth_min, worth_max = map(int, application.liquid_net_worth.split("-"))
    citizen = application.residency == Residency.CITIZEN
    return {
        "given_name": in_broker_letters(application.given_name),
        "family_name": in_broker_letters(application.family_name),
        "date_of_birth": application.date_of_birth,
        "tax_id": application.tax_id,
        "tax_id_type": "USA_SSN",
        "country_of_tax_residence": "USA",
        "funding_source": application.funding_sources,
        "annual_income_min": income_min,
        "annual_income_max": income_max,
        "liquid_net_worth_min": worth_min,
        "liquid_net_worth_max": worth_max,
    } | ({"country_of_citizenship": "USA"} if citizen else {"permanent_resident": True})


def _disclosures(application: Application) -> dict[str, Any]:
    disclosures: dict[str, Any] = {
        "is_control_person": application.is_control_person,
        "is_affiliated_exchange_or_finra": application.is_affiliated_exchange_or_finra,
        "is_politically_exposed": application.is_politically_exposed,
        "immediate_family_exposed": application.immediate_family_exposed,
        "employment_status": application.employment_status.upper(),  # the SDK's spelling; the broker takes both
    }
    if application.employer_name:
        disclosures["employer_name"] = anyascii(application.employer_name)
        disclosures["employment_position"] = anyascii(application.employment_position)
    return disclosures

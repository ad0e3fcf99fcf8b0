"""What must be true of the people in an application: who they are, where they live, whom else to ask."""

import re
from datetime import date
from typing import Any

from brokerage.sandbox.broker import fields
from brokerage.sandbox.broker.fields import words
from brokerage.sandbox.broker.refusal import invalid

FUNDING_SOURCES = words("employment_income investments inheritance business_income savings family")
VISAS = words("B1 B2 DACA E1 E2 E3 F1 G4 H1B J1 L1 O1 TN1 OTHER")
VISITORS = ("B1", "B2")
EXPERIENCE = words("none 1_to_5_years over_5_years")
FORTUNES = ("annual_income", "liquid_net_worth", "total_net_worth")
# P.O. Box, PO Box, P O Box, P/O Box, POBox 12, Post Office Box, Postal Box; and P.O.B. or POB before a number.
PO_BOX = re.compile(
    r"\b(p[\s./-]*o[\s./-]*|post[\s-]*office\s*|postal\s*)box(?![a-z])|\bp\.?\s?o\.?\s?b\.?\s*#?\s*[0-9]", re.IGNORECASE
)
# A country’s three letters and what it calls the number, or a document that has one.
TAX_ID_TYPE = re.compile(r"[A-Z]{3}_[A-Z_]{1,16}|NATIONAL_ID|PASSPORT|PERMANENT_RESIDENT|DRIVER_LICENSE|OTHER_GOV_ID")
UNSPECIFIED = "NOT_SPECIFIED"


def check_contact(contact: dict[str, Any], *, tax_residence: Any) -> None:
    """A state is wanted of whoever lives in the USA or pays taxes there. Raises Refusal."""
    fields.require(contact, "email_address", fields.email)
    fields.require(contact, "street_address", street)
    fields.require(contact, "city", fields.place)
    fields.allow(contact, "phone_number", fields.phone)
    fields.allow(contact, "unit", fields.at_most(20))
    fields.allow(contact, "country", fields.country)
    if (contact.get("country") or "USA") == "USA":
        fields.require(contact, "state", fields.state)
        fields.allow(contact, "postal_code", fields.zip_code)
    else:
        demand = fields.require if tax_residence == "USA" else fields.allow
        demand(contact, "state", fields.at_most(50))
        fields.allow(contact, "postal_code", fields.at_most(12))


def street(name: str, lines: Any) -> None:
    fields.list_of(_street_line)(name, lines)
    if len(lines) > 3:
        raise invalid(f"{name} must have at most 3 lines")
    if PO_BOX.search(" ".join(lines)):
        raise invalid(f"{name} cannot be a P.O. Box")


def _street_line(name: str, line: Any) -> None:
    fields.text(name, line)
    if len(line) < 2 or line.isdigit():
        raise invalid(f"{name} is invalid")


def check_identity(identity: dict[str, Any], *, today: date) -> None:
    """Raises Refusal."""
    for name in ("given_name", "family_name"):
        fields.require(identity, name, fields.person_name)
    fields.allow(identity, "middle_name", fields.person_name)
    fields.require(identity, "date_of_birth", fields.adult_on(today))
    fields.require(identity, "country_of_tax_residence", fields.country)
    for name in ("country_of_citizenship", "country_of_birth"):
        fields.allow(identity, name, fields.country)
    check_tax_id(identity)
    fields.require(identity, "funding_source", fields.list_of(fields.one_of(FUNDING_SOURCES)))
    _check_residence(identity)
    _check_means(identity)


def check_tax_id(identity: dict[str, Any]) -> None:
    """A number and its kind come together; the kind may say that there is no number."""
    fields.require(identity, "tax_id_type", _tax_id_type)
    kind = identity["tax_id_type"]
    if kind == UNSPECIFIED:
        return
    fields.require(identity, "tax_id", fields.a_string)
    if kind in ("USA_SSN", "USA_ITIN"):
        fields.social_security("tax_id", identity["tax_id"], itin=kind == "USA_ITIN")
    elif not re.fullmatch(r"(?=.*[0-9])[A-Za-z0-9.+-]{1,40}", identity["tax_id"]):
        raise invalid("tax_id is invalid")


def _tax_id_type(name: str, value: Any) -> None:
    fields.at_most(20)(name, value)
    if value != UNSPECIFIED and not TAX_ID_TYPE.fullmatch(value):
        raise invalid(f"{name} is invalid")


def _check_residence(identity: dict[str, Any]) -> None:
    fields.allow(identity, "permanent_resident", fields.yes_or_no)
    fields.allow(identity, "visa_type", fields.one_of(VISAS))
    if identity.get("visa_type"):
        fields.require(identity, "visa_expiration_date", fields.day)
    if identity.get("visa_type") in VISITORS:
        fields.require(identity, "date_of_departure_from_usa", fields.day)
    for name in ("visa_expiration_date", "date_of_departure_from_usa"):
        fields.allow(identity, name, fields.day)


def _check_means(identity: dict[str, Any]) -> None:
    for what in FORTUNES:
        _check_range(identity, f"{what}_min", f"{what}_max")
    fields.allow(identity, "number_of_dependents", fields.count)
    fields.allow(identity, "marital_status", fields.one_of(words("SINGLE MARRIED DIVORCED WIDOWED")))
    for name in ("investment_experience_with_stocks", "investment_experience_with_options"):
        fields.allow(identity, name, fields.one_of(EXPERIENCE))


def _check_range(identity: dict[str, Any], low: str, high: str) -> None:
    for name in (low, high):
        fields.allow(identity, name, fields.number)
    ends = identity.get(low), identity.get(high)
    if None not in ends and "" not in ends and ends[0] > ends[1]:  # type: ignore[operator]  # numbers, as just checked
        raise invalid(f"{high} must not be less than {low}")


def check_trusted_contact(contact: dict[str, Any]) -> None:
    """Raises Refusal."""
    for name in ("given_name", "family_name"):
        fields.require(contact, name, fields.person_name)
    if not any(contact.get(name) for name in ("email_address", "phone_number", "street_address")):
        raise invalid("trusted_contact must have an email_address, a phone_number or a street_address")
    fields.allow(contact, "email_address", fields.email)
    fields.allow(contact, "phone_number", fields.phone)
    fields.allow(contact, "street_address", trusted_street)
    demand = fields.require if contact.get("street_address") else fields.allow
    for name in ("city", "state", "postal_code"):
        demand(contact, name, fields.at_most(50))
    demand(contact, "country", fields.country)


def trusted_street(name: str, value: Any) -> None:
    """An array, as documented, or the single line that the vendor's own SDK is made for."""
    street(name, [value] if isinstance(value, str) else value)


def check_beneficiary(name: str, person: Any) -> None:
    """Raises Refusal."""
    fields.an_object(name, person)
    for part in ("given_name", "family_name"):
        fields.require(person, part, fields.person_name)
    fields.allow(person, "middle_name", fields.person_name)
    fields.require(person, "date_of_birth", fields.day)
    for part in ("tax_id", "tax_id_type", "relationship", "type", "share_pct"):
        fields.require(person, part, fields.at_most(40))

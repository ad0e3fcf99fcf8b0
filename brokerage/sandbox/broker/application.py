"""What an application for an account must look like. The first thing wrong is named, and nothing after it."""

import re
from datetime import date
from typing import Any

from brokerage.sandbox.broker import fields
from brokerage.sandbox.broker.fields import words
from brokerage.sandbox.broker.refusal import bad_parameter, invalid

FUNDING_SOURCES = words("employment_income investments inheritance business_income savings family")
AGREEMENTS = words(
    """margin_agreement account_agreement customer_agreement crypto_agreement options_agreement
    custodial_customer_agreement etc_agreement"""
)
VISAS = words("B1 B2 DACA E1 E2 E3 F1 G4 H1B J1 L1 O1 TN1 OTHER")
EMPLOYMENT = words("unemployed employed student retired")
DISCLOSURES = (
    "is_control_person",
    "is_affiliated_exchange_or_finra",
    "is_politically_exposed",
    "immediate_family_exposed",
)
PO_BOX = re.compile(r"\bp(ost)?\.?\s*o(ffice)?\.?\s*box\b", re.IGNORECASE)


def check(application: Any, *, today: date) -> None:
    """Raises Refusal: 400 when a required part is missing, 422 when a field breaks a rule."""
    if not isinstance(application, dict):
        raise bad_parameter("request body must be an object")
    for part, kind in (("contact", dict), ("identity", dict), ("disclosures", dict), ("agreements", list)):
        if not isinstance(application.get(part), kind) or not application[part]:
            raise bad_parameter(f"{part} is required")
    _check_contact(application["contact"])
    _check_identity(application["identity"], today=today)
    _check_disclosures(application["disclosures"])
    for agreement in application["agreements"]:
        _check_agreement(agreement)
    if application.get("trusted_contact"):
        _check_trusted_contact(application["trusted_contact"])


def _check_contact(contact: dict[str, Any]) -> None:
    fields.require(contact, "email_address", fields.email)
    _check_street(contact.get("street_address"))
    fields.require(contact, "city", fields.place)
    fields.allow(contact, "phone_number", fields.phone)
    fields.allow(contact, "unit", fields.at_most(20))
    country = contact.get("country") or "USA"
    fields.country("country", country)
    if country == "USA":
        fields.require(contact, "state", fields.state)
        fields.allow(contact, "postal_code", fields.zip_code)
    else:
        fields.allow(contact, "postal_code", fields.at_most(12))


def _check_street(lines: Any) -> None:
    if not isinstance(lines, list) or not lines:
        raise invalid("street_address is required")
    if len(lines) > 3:
        raise invalid("street_address must have at most 3 lines")
    for line in lines:
        fields.text("street_address", line)
        if len(line) < 2 or line.isdigit():
            raise invalid("street_address is invalid")
        if PO_BOX.search(line):
            raise invalid("street_address cannot be a P.O. Box")


def _check_identity(identity: dict[str, Any], *, today: date) -> None:
    for name in ("given_name", "family_name"):
        fields.require(identity, name, fields.person_name)
    fields.allow(identity, "middle_name", fields.person_name)
    fields.require(identity, "date_of_birth", fields.adult_on(today))
    fields.require(identity, "country_of_tax_residence", fields.country)
    for name in ("country_of_citizenship", "country_of_birth"):
        fields.allow(identity, name, fields.country)
    _check_tax_id(identity)
    sources = identity.get("funding_source")
    if not isinstance(sources, list) or not sources:
        raise invalid("funding_source is required")
    for source in sources:
        fields.one_of(FUNDING_SOURCES)("funding_source", source)
    fields.allow(identity, "visa_type", fields.one_of(VISAS))


def _check_tax_id(identity: dict[str, Any]) -> None:
    if not identity.get("tax_id"):
        return
    fields.require(identity, "tax_id_type", fields.at_most(20))
    if identity["tax_id_type"] in ("USA_SSN", "USA_ITIN"):
        fields.social_security("tax_id", identity["tax_id"], itin=identity["tax_id_type"] == "USA_ITIN")
    elif not re.fullmatch(r"(?=.*\d)[A-Za-z0-9.+-]{1,40}", str(identity["tax_id"])):
        raise invalid("tax_id is invalid")


def _check_disclosures(disclosures: dict[str, Any]) -> None:
    for name in DISCLOSURES:
        if not isinstance(disclosures.get(name), bool):
            raise invalid(f"{name} is required")
    if disclosures.get("employment_status"):
        fields.one_of(EMPLOYMENT)("employment_status", str(disclosures["employment_status"]).lower())


def _check_agreement(agreement: Any) -> None:
    if not isinstance(agreement, dict):
        raise bad_parameter("agreements is invalid")
    fields.require(agreement, "agreement", fields.one_of(AGREEMENTS))
    fields.require(agreement, "signed_at", fields.moment)
    fields.require(agreement, "ip_address", fields.ipv4)


def _check_trusted_contact(contact: Any) -> None:
    if not isinstance(contact, dict):
        raise bad_parameter("trusted_contact is invalid")
    for name in ("given_name", "family_name"):
        fields.require(contact, name, fields.person_name)
    if not any(contact.get(name) for name in ("email_address", "phone_number", "street_address")):
        raise invalid("trusted_contact must have an email_address, a phone_number or a street_address")

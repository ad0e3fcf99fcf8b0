"""What an application for an account must look like. The first thing wrong is named, and nothing after it."""

import re
from collections.abc import Callable
from datetime import date, datetime
from ipaddress import IPv4Address
from typing import Any

from brokerage.sandbox.broker.refusal import bad_parameter, invalid

Rule = Callable[[str, Any], None]

STATES = frozenset(
    [
        "AL",
        "AK",
        "AZ",
        "AR",
        "CA",
        "CO",
        "CT",
        "DE",
        "DC",
        "FL",
        "GA",
        "HI",
        "ID",
        "IL",
        "IN",
        "IA",
        "KS",
        "KY",
        "LA",
        "ME",
        "MD",
        "MA",
        "MI",
        "MN",
        "MS",
        "MO",
        "MT",
        "NE",
        "NV",
        "NH",
        "NJ",
        "NM",
        "NY",
        "NC",
        "ND",
        "OH",
        "OK",
        "OR",
        "PA",
        "RI",
        "SC",
        "SD",
        "TN",
        "TX",
        "UT",
        "VT",
        "VA",
        "WA",
        "WV",
        "WI",
        "WY",
        "AS",
        "GU",
        "MP",
        "PR",
        "VI",
    ]
)
STATE_NAMES = frozenset(
    """alabama,alaska,arizona,arkansas,california,colorado,connecticut,delaware,district of columbia,florida,georgia,
    hawaii,idaho,illinois,indiana,iowa,kansas,kentucky,louisiana,maine,maryland,massachusetts,michigan,minnesota,
    mississippi,missouri,montana,nebraska,nevada,new hampshire,new jersey,new mexico,new york,north carolina,
    north dakota,ohio,oklahoma,oregon,pennsylvania,rhode island,south carolina,south dakota,tennessee,texas,utah,
    vermont,virginia,washington,west virginia,wisconsin,wyoming,puerto rico,guam""".replace("\n", "")
    .replace("    ", "")
    .split(",")
)
FUNDING_SOURCES = frozenset(["employment_income", "investments", "inheritance", "business_income", "savings", "family"])
AGREEMENTS = frozenset(
    [
        "margin_agreement",
        "account_agreement",
        "customer_agreement",
        "crypto_agreement",
        "options_agreement",
        "custodial_customer_agreement",
        "etc_agreement",
    ]
)
VISAS = frozenset(["B1", "B2", "DACA", "E1", "E2", "E3", "F1", "G4", "H1B", "J1", "L1", "O1", "TN1", "OTHER"])
EMPLOYMENT = frozenset(["unemployed", "employed", "student", "retired"])
DISCLOSURES = (
    "is_control_person",
    "is_affiliated_exchange_or_finra",
    "is_politically_exposed",
    "immediate_family_exposed",
)
PO_BOX = re.compile(r"\bp(ost)?\.?\s*o(ffice)?\.?\s*box\b", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def check(application: Any) -> None:
    """Raises Refusal: 400 when a required part is missing, 422 when a field breaks a rule."""
    if not isinstance(application, dict):
        raise bad_parameter("request body must be an object")
    for part, kind in (("contact", dict), ("identity", dict), ("disclosures", dict), ("agreements", list)):
        if not isinstance(application.get(part), kind) or not application[part]:
            raise bad_parameter(f"{part} is required")
    _check_contact(application["contact"])
    _check_identity(application["identity"])
    _check_disclosures(application["disclosures"])
    for agreement in application["agreements"]:
        _check_agreement(agreement)
    if application.get("trusted_contact"):
        _check_trusted_contact(application["trusted_contact"])


def _check_contact(contact: dict[str, Any]) -> None:
    _require(contact, "email_address", _email)
    _check_street(contact.get("street_address"))
    _require(contact, "city", _place)
    _allow(contact, "phone_number", _phone)
    _allow(contact, "unit", _at_most(20))
    country = contact.get("country") or "USA"
    _country("country", country)
    if country == "USA":
        _require(contact, "state", _state)
        _allow(contact, "postal_code", _zip)
    else:
        _allow(contact, "postal_code", _at_most(12))


def _check_street(lines: Any) -> None:
    if not isinstance(lines, list) or not lines:
        raise invalid("street_address is required")
    if len(lines) > 3:
        raise invalid("street_address must have at most 3 lines")
    for line in lines:
        _text("street_address", line)
        if len(line) < 2 or line.isdigit():
            raise invalid("street_address is invalid")
        if PO_BOX.search(line):
            raise invalid("street_address cannot be a P.O. Box")


def _check_identity(identity: dict[str, Any]) -> None:
    for name in ("given_name", "family_name"):
        _require(identity, name, _name)
    _allow(identity, "middle_name", _name)
    _require(identity, "date_of_birth", _date_of_birth)
    _require(identity, "country_of_tax_residence", _country)
    for name in ("country_of_citizenship", "country_of_birth"):
        _allow(identity, name, _country)
    _check_tax_id(identity)
    sources = identity.get("funding_source")
    if not isinstance(sources, list) or not sources:
        raise invalid("funding_source is required")
    for source in sources:
        _one_of(FUNDING_SOURCES)("funding_source", source)
    _allow(identity, "visa_type", _one_of(VISAS))


def _check_tax_id(identity: dict[str, Any]) -> None:
    if not identity.get("tax_id"):
        return
    _require(identity, "tax_id_type", _at_most(20))
    if identity["tax_id_type"] in ("USA_SSN", "USA_ITIN"):
        _social_security("tax_id", identity["tax_id"], itin=identity["tax_id_type"] == "USA_ITIN")
    elif not re.fullmatch(r"(?=.*\d)[A-Za-z0-9.+-]{1,40}", str(identity["tax_id"])):
        raise invalid("tax_id is invalid")


def _social_security(name: str, value: Any, *, itin: bool) -> None:
    digits = str(value).replace("-", "")
    if not re.fullmatch(r"\d{9}", digits):
        raise invalid(f"{name} must be 9 digits")
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    bad_area = not area.startswith("9") if itin else area in ("000", "666") or area.startswith("9")
    repeated = len(set(digits)) == 1 or digits in ("123456789", "987654321")
    if bad_area or group == "00" or serial == "0000" or repeated:
        raise invalid(f"{name} is invalid")


def _check_disclosures(disclosures: dict[str, Any]) -> None:
    for name in DISCLOSURES:
        if not isinstance(disclosures.get(name), bool):
            raise invalid(f"{name} is required")
    if disclosures.get("employment_status"):
        _one_of(EMPLOYMENT)("employment_status", str(disclosures["employment_status"]).lower())


def _check_agreement(agreement: Any) -> None:
    if not isinstance(agreement, dict):
        raise bad_parameter("agreements is invalid")
    _require(agreement, "agreement", _one_of(AGREEMENTS))
    _require(agreement, "signed_at", _moment)
    _require(agreement, "ip_address", _ipv4)


def _check_trusted_contact(contact: Any) -> None:
    if not isinstance(contact, dict):
        raise bad_parameter("trusted_contact is invalid")
    for name in ("given_name", "family_name"):
        _require(contact, name, _name)
    if not any(contact.get(name) for name in ("email_address", "phone_number", "street_address")):
        raise invalid("trusted_contact must have an email_address, a phone_number or a street_address")


def _require(part: dict[str, Any], name: str, rule: Rule) -> None:
    if part.get(name) in (None, "", []):
        raise invalid(f"{name} is required")
    rule(name, part[name])


def _allow(part: dict[str, Any], name: str, rule: Rule) -> None:
    if part.get(name) not in (None, ""):
        rule(name, part[name])


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise bad_parameter(f"{name} must be a string")
    if value != value.strip():
        raise invalid(f"{name} must not start or end with a space")
    if not re.fullmatch(r"[ -~]*", value):
        raise invalid(f"{name} contains characters that are not allowed")


def _at_most(length: int) -> Rule:
    def rule(name: str, value: Any) -> None:
        _text(name, value)
        if len(value) > length:
            raise invalid(f"{name} must be at most {length} characters")

    return rule


def _one_of(words: frozenset[str]) -> Rule:
    def rule(name: str, value: Any) -> None:
        if value not in words:
            raise invalid(f"{name} is invalid")

    return rule


_name = _at_most(50)


def _email(name: str, value: Any) -> None:
    _text(name, value)
    if not EMAIL.fullmatch(value) or len(re.sub(r"\+[^@]*", "", value)) > 60 or len(value) > 100:
        raise invalid(f"{name} is invalid")


def _phone(name: str, value: Any) -> None:
    if not re.fullmatch(r"\+?[0-9 ().-]{7,20}", str(value)):
        raise invalid(f"{name} is invalid")


def _place(name: str, value: Any) -> None:
    _text(name, value)
    if not 2 <= len(value) <= 50 or value.isdigit():
        raise invalid(f"{name} is invalid")


def _state(name: str, value: Any) -> None:
    if value not in STATES and str(value).lower() not in STATE_NAMES:
        raise invalid(f"{name} is invalid")


def _zip(name: str, value: Any) -> None:
    if not re.fullmatch(r"\d{5}[-0-9]{0,5}", str(value)):
        raise invalid(f"{name} is invalid")


def _country(name: str, value: Any) -> None:
    if not re.fullmatch(r"[A-Z]{3}", str(value)):
        raise invalid(f"{name} must be an ISO 3166-1 alpha-3 code")


def _date_of_birth(name: str, value: Any) -> None:
    try:
        born = datetime.strptime(value if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)) else "", "%Y-%m-%d").date()
    except ValueError:
        raise invalid(f"{name} must be formatted as YYYY-MM-DD") from None
    today = date.today()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if not 18 <= age <= 120:
        raise invalid(f"{name} is invalid")


def _moment(name: str, value: Any) -> None:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid(f"{name} is invalid") from None


def _ipv4(name: str, value: Any) -> None:
    try:
        IPv4Address(str(value))
    except ValueError:
        raise invalid(f"{name} must be an IPv4 address") from None

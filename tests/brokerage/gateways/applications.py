"""A whole application as the broker wants it, of nobody who exists; and what the specification makes of one."""

from typing import Any

APPLICATION: dict[str, Any] = {
    "contact": {
        "email_address": "ada@example.com",
        "phone_number": "+12015550143",
        "street_address": ["84 Willow Terrace", "Rear house"],
        "unit": "Apt 3",
        "city": "Hoboken",
        "state": "NJ",
        "postal_code": "07030",
        "country": "USA",
    },
    "identity": {
        "given_name": "Ada",
        "middle_name": "Ngozi",
        "family_name": "Okafor",
        "date_of_birth": "1991-03-09",
        "tax_id": "444554321",
        "tax_id_type": "USA_SSN",
        "country_of_tax_residence": "USA",
        "funding_source": ["savings"],
        "marital_status": "MARRIED",
    },
    "disclosures": {
        "is_control_person": False,
        "is_affiliated_exchange_or_finra": False,
        "is_politically_exposed": False,
        "immediate_family_exposed": False,
        "employment_status": "EMPLOYED",
        "employment_sector": "healthcare",
        "employer_name": "Hudson Clinic",
        "employer_address": "1 Hudson Street, Hoboken",
        "employment_position": "Nurse",
    },
    "agreements": [
        {"agreement": "customer_agreement", "signed_at": "2026-11-22T00:00:00Z", "ip_address": "203.0.113.7"}
    ],
    "trusted_contact": {
        "given_name": "Chidi",
        "family_name": "Okafor",
        "email_address": "chidi@example.com",
        "phone_number": "+12015550144",
    },
    "risk_tolerance": "moderate",
    "additional_information": "nothing more",
}


def of(email: str) -> dict[str, Any]:
    return {**APPLICATION, "contact": {**APPLICATION["contact"], "email_address": email}}


def sample(schema: Any, document: dict[str, Any]) -> Any:
    """Return a value of an OpenAPI schema with every property that it has."""
    if "$ref" in schema:
        return sample(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    if kind == "object":
        return {name: sample(each, document) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema["items"], document)]
    plain = {"boolean": True, "integer": 3, "number": 75000}
    return plain.get(kind) or schema.get("example") or FORMATS.get(schema.get("format", ""), "told")


FORMATS = {
    "email": "ada@example.com",
    "date": "1991-03-09",
    "date-time": "2026-11-22T00:00:00Z",
    "ipv4": "203.0.113.7",
    "uuid": "0d18ae51-3c94-4511-b209-101e1666416b",
    "time": "10:11:12",
}

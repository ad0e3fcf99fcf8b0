"""What an applicant declares and signs: disclosures, agreements, and how they mean to invest."""

from typing import Any

from brokerage.sandbox.broker import fields
from brokerage.sandbox.broker.fields import words
from brokerage.sandbox.broker.refusal import invalid

DISCLOSURES = (
    "is_control_person",
    "is_affiliated_exchange_or_finra",
    "is_politically_exposed",
    "immediate_family_exposed",
)
EMPLOYMENT = words("unemployed employed student retired")
SECTORS = words(
    """agriculture business_management computers_and_it construction education finance government healthcare
    hospitality manufacturing marketing media other science self_employed transportation not_employed"""
)
CONTEXTS = words("CONTROLLED_FIRM AFFILIATE_FIRM IMMEDIATE_FAMILY_EXPOSED")
AGREEMENTS = words(
    """margin_agreement account_agreement customer_agreement crypto_agreement options_agreement
    custodial_customer_agreement etc_agreement"""
)
INTENTIONS = {
    "investment_objective": words(
        "generate_income preserve_wealth market_speculation growth balance_preserve_wealth_with_growth"
    ),
    "investment_time_horizon": words("less_than_1_year 1_to_2_years 3_to_5_years 6_to_10_years more_than_10_years"),
    "risk_tolerance": words("conservative moderate significant_risk"),
    "liquidity_needs": words("very_important important somewhat_important does_not_matter"),
}


def check_disclosures(disclosures: dict[str, Any]) -> None:
    """An unanswered question is not a no. Raises Refusal."""
    for name in DISCLOSURES:
        if disclosures.get(name) is None:
            raise invalid(f"{name} is required")
        fields.yes_or_no(name, disclosures[name])
    fields.allow(disclosures, "employment_status", _employment_status)
    fields.allow(disclosures, "employment_sector", fields.one_of(SECTORS))
    for name in ("employer_name", "employer_address", "employment_position"):
        fields.allow(disclosures, name, fields.at_most(100))
    fields.allow(disclosures, "context", fields.list_of(_check_context))


def _employment_status(name: str, value: Any) -> None:
    """In lower case as specified, or in upper case as the vendor's SDK has it."""
    fields.a_string(name, value)
    if value not in (value.lower(), value.upper()):
        raise invalid(f"{name} is invalid")
    fields.one_of(EMPLOYMENT)(name, value.lower())


def _check_context(name: str, context: Any) -> None:
    fields.an_object(name, context)
    fields.require(context, "context_type", fields.one_of(CONTEXTS))
    for part in sorted(context.keys() - {"context_type"}):
        fields.allow(context, part, fields.at_most(100))


def check_agreement(name: str, agreement: Any) -> None:
    """Raises Refusal."""
    fields.an_object(name, agreement)
    fields.require(agreement, "agreement", fields.one_of(AGREEMENTS))
    fields.require(agreement, "signed_at", fields.moment)
    fields.require(agreement, "ip_address", fields.ipv4)
    fields.allow(agreement, "revision", fields.at_most(30))


def check_intentions(part: dict[str, Any]) -> None:
    """Raises Refusal."""
    for name, allowed in INTENTIONS.items():
        fields.allow(part, name, fields.one_of(allowed))

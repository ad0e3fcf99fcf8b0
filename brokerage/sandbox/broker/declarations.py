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
FIRM = ("company_name", "company_street_address", "company_city", "company_country", "company_compliance_email")
CONTEXTS = {
    "CONTROLLED_FIRM": FIRM,
    "AFFILIATE_FIRM": FIRM,
    "IMMEDIATE_FAMILY_EXPOSED": ("given_name", "family_name"),
}
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


# What a yes is to be explained by. Of a politically exposed person the documents know no context.
EXPLAINED_BY = {
    "is_control_person": "CONTROLLED_FIRM",
    "is_affiliated_exchange_or_finra": "AFFILIATE_FIRM",
    "immediate_family_exposed": "IMMEDIATE_FAMILY_EXPOSED",
}
BASES = ("customer_agreement", "custodial_customer_agreement")
CALLED_FOR_BY = {"crypto": "crypto_agreement", "us_option": "options_agreement"}


def check_disclosures(disclosures: dict[str, Any], *, wants_context: bool) -> None:
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
    if wants_context:
        _check_explanations(disclosures)


def _check_explanations(disclosures: dict[str, Any]) -> None:
    given = {context["context_type"] for context in disclosures.get("context") or []}
    for name, explanation in EXPLAINED_BY.items():
        if disclosures[name] and explanation not in given:
            raise invalid(f"context is required when {name} is true")


def _employment_status(name: str, value: Any) -> None:
    """In lower case as specified, or in upper case as the vendor's SDK has it."""
    fields.a_string(name, value)
    if value not in (value.lower(), value.upper()):
        raise invalid(f"{name} is invalid")
    fields.one_of(EMPLOYMENT)(name, value.lower())


def _check_context(name: str, context: Any) -> None:
    fields.an_object(name, context)
    fields.require(context, "context_type", fields.one_of(frozenset(CONTEXTS)))
    for part in CONTEXTS[context["context_type"]]:
        fields.require(context, part, fields.at_most(100))
    if context.get("company_country") == "USA":
        fields.require(context, "company_state", fields.at_most(100))
    for part in sorted(context.keys() - {"context_type"}):
        fields.allow(context, part, fields.at_most(100))


def check_agreements(agreements: Any, *, signed_until: float) -> None:
    """Raises Refusal."""

    def check(name: str, agreement: Any) -> None:
        fields.an_object(name, agreement)
        fields.require(agreement, "agreement", fields.one_of(AGREEMENTS))
        fields.require(agreement, "signed_at", fields.signed_by(signed_until))
        fields.require(agreement, "ip_address", fields.ipv4)
        fields.allow(agreement, "revision", fields.at_most(30))

    fields.list_of(check)("agreements", agreements)


def check_agreement_set(agreements: list[dict[str, Any]], assets: list[str]) -> None:
    """The customer's agreement is the base; crypto and options bring their own. Raises Refusal."""
    signed = {each["agreement"] for each in agreements}
    if not signed.intersection(BASES):
        raise invalid("agreements must include customer_agreement")
    for asset, wanted in CALLED_FOR_BY.items():
        if asset in assets and wanted not in signed:
            raise invalid(f"agreements must include {wanted} for {asset}")


def check_intentions(part: dict[str, Any]) -> None:
    """Raises Refusal."""
    for name, allowed in INTENTIONS.items():
        fields.allow(part, name, fields.one_of(allowed))

"""What an application for an account must look like. The first thing wrong is named, and nothing after it."""

from typing import Any

from brokerage.sandbox.broker import applicant, declarations, documents, fields
from brokerage.sandbox.broker.fields import words
from brokerage.sandbox.broker.refusal import bad_parameter, invalid
from brokerage.sandbox.broker.strictness import Strictness

PERSON = ("contact", "identity")
ACCOUNT_TYPES = words("trading custodial donor_advised ira hsa")
SECOND_ACCOUNT_TYPES = ("trading", "ira")
ASSETS = words("us_equity us_option crypto ipo")
MOST_BENEFICIARIES = 6


def check(application: dict[str, Any], strictness: Strictness) -> None:
    """Raises Refusal: 400 when a required part is missing or of the wrong kind, 422 when a field breaks a rule."""
    if application.get("primary_account_holder_id"):
        _check_second_account(application, strictness)
    else:
        for part in (*PERSON, "disclosures"):
            require_part(application, part, dict)
        tax_residence = application["identity"].get("country_of_tax_residence")
        applicant.check_contact(application["contact"], tax_residence=tax_residence)
        applicant.check_identity(application["identity"], today=strictness.today)
        declarations.check_disclosures(application["disclosures"], wants_context=strictness.wants_context)
    require_part(application, "agreements", list)
    declarations.check_agreements(application["agreements"], signed_until=strictness.signed_until)
    _check_account(application)
    if strictness.wants_agreements:
        declarations.check_agreement_set(application["agreements"], application.get("enabled_assets") or [])
    check_optional_parts(application)


def require_part(application: dict[str, Any], part: str, kind: type) -> None:
    if not isinstance(application.get(part), kind) or not application[part]:
        raise bad_parameter(f"{part} is required")


def _check_second_account(application: dict[str, Any], strictness: Strictness) -> None:
    """The person is known already; only what is new may be said."""
    fields.a_string("primary_account_holder_id", application["primary_account_holder_id"])
    for part in PERSON:
        if application.get(part):
            raise bad_parameter(f"{part} must not be specified together with primary_account_holder_id")
    if application.get("account_type", "trading") not in SECOND_ACCOUNT_TYPES:
        raise bad_parameter("account_type must be trading or ira for an additional account")
    if application.get("disclosures"):
        fields.an_object("disclosures", application["disclosures"])
        declarations.check_disclosures(application["disclosures"], wants_context=strictness.wants_context)


def _check_account(application: dict[str, Any]) -> None:
    fields.allow(application, "account_type", fields.one_of(ACCOUNT_TYPES))
    if application.get("account_type") == "ira":
        fields.require(application, "account_sub_type", fields.one_of(words("traditional roth")))
    elif application.get("account_sub_type"):
        raise invalid("account_sub_type is only allowed for ira accounts")
    fields.allow(application, "enabled_assets", fields.list_of(fields.one_of(ASSETS)))
    fields.allow(application, "currency", fields.one_of(words("USD")))
    fields.allow(application, "additional_information", fields.a_string)
    fields.allow(application, "documents", documents.check_all)


def check_optional_parts(application: dict[str, Any]) -> None:
    """The parts that both an application and an update may carry. Raises Refusal."""
    if application.get("trusted_contact"):
        fields.an_object("trusted_contact", application["trusted_contact"])
        applicant.check_trusted_contact(application["trusted_contact"])
    if application.get("beneficiaries"):
        _check_beneficiaries(application["beneficiaries"])
    fields.allow(application, "allow_instant_ach", fields.yes_or_no)
    declarations.check_intentions(application)
    for part in ("trading_configurations", "cash_interest", "fpsl"):
        fields.allow(application, part, fields.an_object)


def _check_beneficiaries(beneficiaries: Any) -> None:
    fields.list_of(applicant.check_beneficiary)("beneficiaries", beneficiaries)
    if len(beneficiaries) > MOST_BENEFICIARIES:
        raise invalid(f"beneficiaries must be at most {MOST_BENEFICIARIES}")
    shares = [person["share_pct"] for person in beneficiaries]
    if not all(share.isascii() and share.isdecimal() for share in shares) or sum(map(int, shares)) != 100:
        raise invalid("share_pct of all beneficiaries must add up to 100")

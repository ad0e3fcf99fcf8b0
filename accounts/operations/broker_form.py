"""An application as the broker's form wants it: their field names, their letters, their kind of address.

Called by onboarding, and by the page that shows the customer what is sent. What no answer fills comes from
BROKER_ACCOUNT_OPTIONS. https://docs.alpaca.markets/reference/createaccount
"""

from typing import Any

from django.conf import settings

from accounts import agreements
from accounts.models import AgreementSignature, Application, DisclosureContext, EmploymentStatus, Residency
from accounts.models.choices import VISITORS
from accounts.rules.letters import in_broker_letters, in_plain_letters

Part = dict[str, Any]
LONGEST_LINE = 100
# Which yes each kind of context stands behind.
DISCLOSED = {
    DisclosureContext.Kind.CONTROLLED_FIRM: "is_control_person",
    DisclosureContext.Kind.AFFILIATE_FIRM: "is_affiliated_exchange_or_finra",
    DisclosureContext.Kind.IMMEDIATE_FAMILY_EXPOSED: "immediate_family_exposed",
}
_PROFILE = ("investment_objective", "investment_time_horizon", "risk_tolerance", "liquidity_needs")


def filled_in(application: Application) -> Part:
    """Return the application in the broker's field names."""
    profile = {name: getattr(application, name) for name in _PROFILE}
    form = {
        **settings.BROKER_ACCOUNT_OPTIONS,
        "contact": contact(application),
        "identity": _identity(application),
        "disclosures": disclosures(application),
        "agreements": [_agreement(signature) for signature in _in_force(application)],
        **_given(profile),
    }
    if application.names_trusted_contact and hasattr(application, "trusted_contact"):
        form["trusted_contact"] = trusted_contact(application.trusted_contact)
    return form


def line(text: str) -> str:
    """Return a line of an address, or the name of a firm, in the broker's letters."""
    return in_broker_letters(text, LONGEST_LINE)


def _given(part: Part) -> Part:
    """Return what holds something: an empty answer is not sent."""
    return {name: value for name, value in part.items() if value not in ("", None, [])}


def _in_force(application: Application) -> list[AgreementSignature]:
    """Return the signatures under the texts that are required now; those under older ones stay here."""
    digests = {text.digest for text in agreements.required()}
    return [each for each in application.signatures.all() if each.text_id in digests]


def _agreement(signature: AgreementSignature) -> Part:
    return _given(
        {
            "agreement": signature.agreement,
            "signed_at": signature.signed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ip_address": _in_four_numbers(signature.ip_address),
            "revision": signature.broker_revision,
        }
    )


def _in_four_numbers(ip_address: str) -> str:
    """Return an address as the broker takes it, which knows IPv4 only; an IPv6 one stays with the signature here."""
    return "0.0.0.0" if ":" in ip_address else ip_address  # noqa: S104 - says "none", as where we know none


def contact(application: Application) -> Part:
    """Return how the applicant is reached."""
    lines = (application.street_address, application.street_address_2)
    return _given(
        {
            "email_address": application.user.email,
            "phone_number": application.phone,
            "street_address": [in_plain_letters(each) for each in lines if each],
            "unit": in_plain_letters(application.unit),
            "city": in_plain_letters(application.city),
            "state": in_plain_letters(application.state),
            "postal_code": application.postal_code,
            "country": application.country,
        }
    )


def _identity(application: Application) -> Part:
    return _given(
        {
            "given_name": in_broker_letters(application.given_name),
            "middle_name": in_broker_letters(application.middle_name),
            "family_name": in_broker_letters(application.family_name),
            "date_of_birth": application.date_of_birth,
            "tax_id": application.tax_id,
            "tax_id_type": application.tax_id_type,
            "country_of_tax_residence": application.country_of_tax_residence,
            "country_of_birth": application.country_of_birth,
            "funding_source": application.funding_sources,
            "marital_status": application.marital_status,
            "number_of_dependents": application.number_of_dependents,
            "investment_experience_with_stocks": application.experience_with_stocks,
            "investment_experience_with_options": application.experience_with_options,
        }
        | _residency(application)
        | _range("annual_income", application.annual_income)
        | _range("liquid_net_worth", application.liquid_net_worth)
        | _range("total_net_worth", application.total_net_worth)
    )


def _range(name: str, answer: str) -> Part:
    """Return "25000-49999" as two whole numbers of dollars."""
    if not answer:
        return {}
    lowest, highest = answer.split("-")
    return {f"{name}_min": int(lowest), f"{name}_max": int(highest)}


def _residency(application: Application) -> Part:
    if application.residency == Residency.CITIZEN:
        return {"country_of_citizenship": "USA"}
    part: Part = {"country_of_citizenship": application.country_of_citizenship}
    if application.residency == Residency.PERMANENT_RESIDENT:
        return part | {"permanent_resident": True}
    if application.residency == Residency.VISA:
        part |= {
            "permanent_resident": False,
            "visa_type": application.visa_type,
            "visa_expiration_date": application.visa_expires_on and application.visa_expires_on.isoformat(),
        }
        if application.visa_type in VISITORS and application.leaves_usa_on:
            part["date_of_departure_from_usa"] = application.leaves_usa_on.isoformat()
    return part


def disclosures(application: Application) -> Part:
    """Return what the applicant discloses, with the context of each yes, and how they work."""
    told = {name: getattr(application, name) for name in (*DISCLOSED.values(), "is_politically_exposed")}
    work = {"employment_status": application.employment_status}
    if application.employment_status == EmploymentStatus.EMPLOYED:
        work |= {
            "employment_sector": application.employment_sector,
            "employer_name": line(application.employer_name),
            "employer_address": line(application.employer_address),
            "employment_position": line(application.employment_position),
        }
    # A kind is read as text, which equals its member of the enumeration.
    contexts = [_context(each) for each in application.contexts.all() if told[DISCLOSED[each.kind]]]  # type: ignore[index]
    return told | _given({**work, "context": contexts})


def _context(context: DisclosureContext) -> Part:
    return _given(
        {
            "context_type": context.kind,
            "company_name": line(context.company_name),
            "company_street_address": line(context.company_street_address),
            "company_city": in_broker_letters(context.company_city),
            "company_state": in_broker_letters(context.company_state),
            "company_country": context.company_country,
            "company_compliance_email": context.company_compliance_email,
            "given_name": in_broker_letters(context.given_name),
            "family_name": in_broker_letters(context.family_name),
        }
    )


def trusted_contact(person: Any) -> Part:
    """Return a TrustedContact in the broker's field names."""
    return _given(
        {
            "given_name": in_broker_letters(person.given_name),
            "family_name": in_broker_letters(person.family_name),
            "email_address": person.email_address,
            "phone_number": person.phone,
            "street_address": [line(person.street_address)] if person.street_address else [],
            "city": in_broker_letters(person.city),
            "state": in_broker_letters(person.state),
            "postal_code": person.postal_code,
            "country": person.country,
        }
    )

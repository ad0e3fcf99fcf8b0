"""An application as its sender reads it back on the page "Check your answers".

Called by views. Shows the last four digits of the tax id and nothing more of it.
"""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts import agreements
from accounts.models import Application, DisclosureContext, EmploymentStatus, FundingSource, Residency
from accounts.rules import countries, phones, tax_ids
from accounts.rules.letters import in_broker_letters

Row = dict[str, str]
Kind = DisclosureContext.Kind
_YES_NO = {True: "Yes", False: "No", None: ""}


def sections(application: Application) -> list[dict[str, Any]]:
    """Return the titled groups of rows (label, value, note, url) of the page."""
    return [
        {"title": "You", "rows": _you(application)},
        {"title": "Contact", "rows": _contact(application)},
        {"title": "Work and money", "rows": _work(application)},
        {"title": "How you invest", "rows": _profile(application)},
        {"title": "Disclosures", "rows": _disclosures(application)},
        {"title": "Trusted contact", "rows": _trusted_contact(application)},
        {"title": "Agreements", "rows": _agreements(application)},
    ]


def _row(label: str, value: str, slug: str, note: str = "") -> Row:
    return {"label": label, "value": value or "Not answered", "note": note, "url": reverse("apply-step", args=[slug])}


def _optional(label: str, value: str, slug: str) -> Row:
    return _row(label, value or "Left out", slug)


def _in_plain_letters(typed: str) -> str:
    """Return how the broker gets it, where that differs from what was typed."""
    sent = in_broker_letters(typed, 300)
    return f"The broker only takes plain letters; we send “{sent}”." if sent != typed else ""


def _you(application: Application) -> list[Row]:
    parts = (application.given_name, application.middle_name, application.family_name)
    name = " ".join(part for part in parts if part)
    born = application.date_of_birth
    kind = tax_ids.KINDS.get(application.tax_id_type, "Tax number").partition(": ")[2] or "Tax number"
    return [
        _row("Name", name, "name", _in_plain_letters(name)),
        _row("Date of birth", f"{date.fromisoformat(born):%b %-d, %Y}" if born else "", "birth"),
        _row("Country of birth", _country(application.country_of_birth), "birth"),
        _row("Residency", _residency(application), "birth"),
        *_citizenship(application),
        _row(kind, application.tax_id_mask, "tax-id"),
    ]


def _residency(application: Application) -> str:
    words = application.get_residency_display().removeprefix("I am ").removeprefix("I live ")
    return f"{words[:1].upper()}{words[1:]}"


def _country(code: str) -> str:
    return countries.name_of(code) if code else ""


def _citizenship(application: Application) -> list[Row]:
    if application.residency in ("", Residency.CITIZEN):
        return []
    rows = [_row("Citizenship", _country(application.country_of_citizenship), "citizenship")]
    if application.residency == Residency.VISA:
        ends, leaves = application.visa_expires_on, application.leaves_usa_on
        until = f"{application.get_visa_type_display()}, until {ends:%b %-d, %Y}" if ends else ""
        rows.append(_row("Visa", until, "visa", f"You leave on {leaves:%b %-d, %Y}." if leaves else ""))
    return rows


def _contact(application: Application) -> list[Row]:
    lines = [application.street_address, application.street_address_2, application.unit]
    place = f"{application.state} {application.postal_code}".strip()
    town = ", ".join(part for part in (application.city, place) if part)
    abroad = _country(application.country) if application.country != "USA" else ""
    address = "\n".join(part for part in (*lines, town, abroad) if part) if application.street_address else ""
    note = _in_plain_letters(", ".join(address.split("\n"))) if address else ""
    return [
        {"label": "E-mail", "value": application.user.email, "note": "", "url": ""},
        _row("Phone", phones.national(application.phone) if application.phone else "", "contact"),
        _row("Home address", address, "address", note),
    ]


def _work(application: Application) -> list[Row]:
    work = [application.get_employment_status_display()]
    if application.employment_status == EmploymentStatus.EMPLOYED:
        job = f"{application.employment_position}, {application.employer_name}"
        work += [job, application.get_employment_sector_display(), application.employer_address]
    labels = dict(FundingSource.choices)
    return [
        _row("Work", "\n".join(part for part in work if part), "work"),
        _row("Source of the money", ", ".join(labels.get(each, each) for each in application.funding_sources), "money"),
        _row("Yearly income", application.get_annual_income_display(), "money"),
        _row("Savings and investments", application.get_liquid_net_worth_display(), "money"),
        _row("All that you own", application.get_total_net_worth_display(), "money"),
    ]


def _profile(application: Application) -> list[Row]:
    dependents = application.number_of_dependents
    return [
        _row("Your money should", application.get_investment_objective_display(), "profile"),
        _row("For how long", application.get_investment_time_horizon_display(), "profile"),
        _row("Risk", application.get_risk_tolerance_display(), "profile"),
        _row("Getting at it fast", application.get_liquidity_needs_display(), "profile"),
        _row("Experience with stocks", application.get_experience_with_stocks_display(), "profile"),
        _row("Experience with options", application.get_experience_with_options_display(), "profile"),
        _optional("Marital status", application.get_marital_status_display(), "profile"),
        _optional("People who live on your income", "" if dependents is None else str(dependents), "profile"),
    ]


def _disclosures(application: Application) -> list[Row]:
    told = {each.kind: each for each in application.contexts.all()}
    asked = (
        ("Officer or 10% owner of a public company", application.is_control_person, Kind.CONTROLLED_FIRM, "company"),
        (
            "Works for a broker, an exchange or FINRA",
            application.is_affiliated_exchange_or_finra,
            Kind.AFFILIATE_FIRM,
            "firm",
        ),
        ("Public office", application.is_politically_exposed, None, ""),
        (
            "Public office in the close family",
            application.immediate_family_exposed,
            Kind.IMMEDIATE_FAMILY_EXPOSED,
            "family",
        ),
    )
    rows = []
    for label, answer, kind, slug in asked:
        rows.append(_row(label, _YES_NO[answer], "disclosures"))
        if answer and kind:
            named = _named(told.get(kind))
            label = "Who that is" if slug == "family" else "Which one"
            rows.append(_row(label, named, slug, _in_plain_letters(named.replace("\n", ", "))))
    return rows


def _named(context: DisclosureContext | None) -> str:
    if context is None:
        return ""
    person = f"{context.given_name} {context.family_name}".strip()
    place = ", ".join(part for part in (context.company_city, context.company_state) if part)
    firm = (context.company_name, context.company_street_address, place, _country(context.company_country))
    lines = (person, *firm, context.company_compliance_email)
    return "\n".join(each for each in lines if each)


def _trusted_contact(application: Application) -> list[Row]:
    if not application.names_trusted_contact:
        nobody = "Nobody" if application.names_trusted_contact is False else ""
        return [_row("Whom the broker may call", nobody, "trusted-contact")]
    person = getattr(application, "trusted_contact", None)
    if person is None:
        return [_row("Whom the broker may call", "", "trusted-contact")]
    reached = (person.email_address, phones.national(person.phone) if person.phone else "", person.street_address)
    lines = [f"{person.given_name} {person.family_name}", *reached]
    named = "\n".join(each for each in lines if each)
    return [_row("Whom the broker may call", named, "trusted-contact", _in_plain_letters(named.replace("\n", ", ")))]


def _agreements(application: Application) -> list[Row]:
    signed = {each.text_id: each for each in application.signatures.all()}
    rows = []
    for text in agreements.required():
        signature = signed.get(text.digest)
        agreed = f"Agreed {_moment(signature.signed_at)}" if signature else ""
        rows.append(_row(f"{text.title}, revision {text.revision}", agreed, "agreements"))
    return rows


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%a, %b %-d, %-I:%M %p %Z}"
